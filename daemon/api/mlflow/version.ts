/** The MLflow whose behaviour this is; what `/version` says to its clients. */
export const mlflowVersion = '3.17.2';
