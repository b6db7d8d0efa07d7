/** Python loaders in a version's `code/`, for files that MLflow's own flavours do not read. */

export const joblibLoader = `import joblib


def _load_pyfunc(path):
    return joblib.load(path)
`;

export const kerasLoader = `import keras


class Model:
    def __init__(self, model):
        self.model = model

    def get_raw_model(self):
        return self.model

    def predict(self, data, params=None):
        return self.model.predict(getattr(data, "values", data))


def _load_pyfunc(path):
    return Model(keras.saving.load_model(path))
`;
