/** Class names that are allowed from such a module. A name with a dot reaches further and is not allowed. */
const className = /^_?[A-Z]\w*$/;
const sklearnClass = /^(_?[A-Z]\w*|newObj|__pyx_unpickle_\w+)$/;

/**
 * Globals that only rebuild data or a library's own estimator, as the full module and the full name. Everything else counts as
 * code. Modules whose namespace also holds processes, files or loaders are left out.
 */
const knownNames: readonly (readonly [module: RegExp, name: RegExp])[] = [
  [
    /^(builtins|__builtin__)$/,
    /^(set|frozenset|bytearray|bytes|complex|slice|range|xrange|list|dict|tuple|int|long|float|bool|str|unicode|object|Ellipsis|NotImplemented)$/,
  ],
  [/^collections$/, /^(OrderedDict|defaultdict|Counter|deque|ChainMap)$/],
  [/^datetime$/, /^(datetime|date|time|timedelta|timezone)$/],
  [/^(copyreg|copy_reg)$/, /^(_reconstructor|__newobj__|__newobj_ex__)$/],
  [/^_codecs$/, /^encode$/],
  [/^decimal$/, /^Decimal$/],
  [/^fractions$/, /^Fraction$/],
  [/^uuid$/, /^(UUID|SafeUUID)$/],
  [/^pathlib(\._local)?$/, /^(Pure)?(Posix|Windows)?Path$/],
  [/^argparse$/, /^Namespace$/],
  [/^types$/, /^SimpleNamespace$/],
  [/^typing$/, /^(Any|Dict|List|Union|Optional)$/],
  [/^numpy(\._?core)?\.multiarray$/, /^(_reconstruct|scalar)$/],
  [/^numpy\._?core\.numeric$/, /^_frombuffer$/],
  [
    /^numpy$/,
    /^(ndarray|dtype|matrix|recarray|record|bool_?|str_|bytes_|object_|void|(u?int|float|complex)(8|16|32|64|96|128|256)|(single|double|longdouble|intc|uintc|intp|uintp|longlong|ulonglong)|datetime64|timedelta64)$/,
  ],
  [/^numpy\.dtypes$/, /^\w+DType$/],
  [/^numpy\.(ma\.core)$/, /^(_mareconstruct|MaskedArray)$/],
  [/^numpy\.random\._pickle$/, /^__(randomstate|generator|bit_generator)_ctor$/],
  [/^numpy\.random\._(mt19937|pcg64|philox|sfc64)$/, /^(MT19937|PCG64|PCG64DXSM|Philox|SFC64)$/],
  [/^numpy\.random\.mtrand$/, /^RandomState$/],
  [/^numpy\.random\.bit_generator$/, /^(SeedSequence|__pyx_unpickle_SeedSequence)$/],
  [/^scipy\.sparse(\._?\w+)?$/, /^(csr|csc|coo|lil|dok|dia|bsr)_(matrix|array)$/],
  [/^joblib\.numpy_pickle$/, /^(NumpyArrayWrapper|NDArrayWrapper|ZNDArrayWrapper)$/],
  [/^pandas\.core\.(frame|series|arrays\.\w+|dtypes\.dtypes)$/, className],
  [/^pandas\.core\.indexes\.(base|range|multi|datetimes|category|numeric)$/, /^(_new_Index|\w*Index)$/],
  [/^pandas\.core\.internals\.(managers|blocks)$/, /^(BlockManager|SingleBlockManager|new_block)$/],
  [/^pandas\._libs\.internals$/, /^(_unpickle_block|BlockPlacement)$/],
  [/^pandas\._libs\.arrays$/, /^__pyx_unpickle_NDArrayBacked$/],
  [
    /^torch\._utils$/,
    /^_rebuild_(tensor(_v2|_v3)?|parameter(_with_state)?|qtensor|sparse_tensor|device_tensor_from_numpy|meta_tensor_no_storage|nested_tensor|wrapper_subclass)$/,
  ],
  [/^torch\._tensor$/, /^_rebuild_from_type_v2$/],
  [
    /^torch$/,
    /^((\w+)?Storage|Size|device|Tensor|Generator|(u?int|float|bfloat|complex|qint|quint|float8_)\w*|bool|half|double|long|short|[a-z]+_tensor|strided)$/,
  ],
  [/^torch\.storage$/, /^(Untyped|Typed|_Untyped|_Typed)?Storage$/],
  [/^torch\.(cuda|hpu|xpu)$/, /^\w+(Storage|Tensor)$/],
  [/^torch\.serialization$/, /^_get_layout$/],
  [/^torch\.nn\.parameter$/, /^(Parameter|Buffer|UninitializedParameter|UninitializedBuffer)$/],
  [/^torch\.nn\.modules\.(?!lazy$)\w+$/, className],
  [/^torch\.optim(\.(?!lr_scheduler$)\w+)?$/, className],
  [/^torch\.optim\.lr_scheduler$/, /^\w+(LR|Plateau|Restarts)$/],
  [
    /^sklearn\.(linear_model|ensemble|tree|svm|neighbors|preprocessing|compose|decomposition|feature_extraction|feature_selection|cluster|naive_bayes|neural_network|model_selection|impute|discriminant_analysis|gaussian_process|calibration|multiclass|multioutput|mixture|covariance|manifold|kernel_ridge|kernel_approximation|isotonic|dummy|cross_decomposition|random_projection|semi_supervised|frozen|_loss|pipeline)(\.\w+)*$/,
    sklearnClass,
  ],
  [/^sklearn\.metrics\._dist_metrics$/, sklearnClass],
  [/^sklearn\.utils\._bunch$/, /^Bunch$/],
  [/^imblearn\.(over_sampling|under_sampling|combine|ensemble|pipeline)(\.\w+)*$/, className],
  [/^xgboost\.(sklearn|core)$/, /^(XGB\w+|Booster)$/],
  [/^lightgbm\.(sklearn|basic)$/, /^(LGBM\w+|Booster)$/],
  [/^catboost\.core$/, /^CatBoost\w*$/],
  [/^transformers\.training_args$/, /^(TrainingArguments|OptimizerNames|ParallelMode)$/],
  [/^transformers\.training_args_seq2seq$/, /^Seq2SeqTrainingArguments$/],
  [
    /^transformers\.trainer_utils$/,
    /^(HubStrategy|IntervalStrategy|SaveStrategy|SchedulerType|EvaluationStrategy|FSDPOption)$/,
  ],
  [/^transformers\.trainer_pt_utils$/, /^AcceleratorConfig$/],
  [/^accelerate\.state$/, /^PartialState$/],
  [/^accelerate\.utils\.dataclasses$/, /^DistributedType$/],
  [/^(pytorch_lightning|lightning\.pytorch|lightning\.fabric)\.utilities\.(parsing|data)$/, /^AttributeDict$/],
  [/^(pytorch_lightning|lightning\.pytorch)\.callbacks\.\w+$/, className],
  [/^omegaconf\.(dictconfig|listconfig|base|nodes)$/, className],
];

/** True when a global is known to only rebuild data. TorchScript's own classes (`__torch__`) are not Python and count as known. */
export function isKnownGlobal(module: string, name: string): boolean {
  if (/^__torch__(\.\w+)*$/.test(module)) return true;
  return knownNames.some(([modules, names]) => modules.test(module) && names.test(name));
}
