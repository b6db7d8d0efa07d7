"""Loads a version by what it is. The table has the order and the calls of daemon/shared/load-code.ts; a test compares them."""

from __future__ import annotations

import atexit
import importlib
import importlib.util
import os
import re
import shutil
import tempfile
from dataclasses import dataclass
from typing import Any, Callable, Mapping

from ._errors import PlinthError
from ._tables import clean_text

_MAX_NAMED = 4


@dataclass(frozen=True)
class Job:
    """What a loader gets: the version, whether the caller trusts its author, and its path once it is verified."""

    reference: str
    version: Mapping[str, Any]
    trust: bool
    path: str = ""

    @property
    def permits_pickles(self) -> bool:
        """True if files may be unpickled: the caller trusts them, or the registry has found nothing in them that runs code."""
        return self.trust or self.version["pickle"] in ("no code", "known imports only")

    def refuse(self, reason: str) -> PlinthError:
        text = f"{self.reference} was not loaded: {reason}. If you trust its author, pass trust=True."
        return PlinthError("unsafe", clean_text(text))


@dataclass(frozen=True)
class Loader:
    """How versions of a format (a pattern), a framework or both are loaded."""

    module: str
    load: Callable[[Any, Job], Any]
    format: str | None = None
    framework: str | None = None
    #: True if loading unpickles without restriction, so that the registry's inspection decides.
    unpickles: bool = False


def load_version(version: Mapping[str, Any], reference: str, trust: bool, path_of: Callable[[], str]) -> Any:
    """Load a version. ``path_of`` verifies its files and returns their path; it is called only if loading is permitted and possible."""
    loader = find_loader(version["framework"], version["format"])
    if loader is None:
        what = clean_text(version["format"])
        text = f"No loader is known for {reference} ({what}). Its files are at plinth.path({reference!r})."
        raise PlinthError("unsupported-format", text)
    _assert_permitted(loader, Job(reference, version, trust))
    try:
        module = importlib.import_module(loader.module)
        return loader.load(module, Job(reference, version, trust, path_of()))
    except PlinthError:
        raise
    except ModuleNotFoundError as error:
        raise _missing(error.name or "", reference, version) from error
    except Exception as error:
        first = (str(error).strip() or type(error).__name__).splitlines()[0]
        text = f"{loader.module} cannot load {reference}: {type(error).__name__}: {clean_text(first)[:300]}"
        raise PlinthError("load-failed", text) from error


def find_loader(framework: str, format: str) -> Loader | None:
    """Return the loader of a framework and format, as the registry names them; None if none is known."""
    fitting = (one for one in LOADERS if one.framework in (None, framework) and re.search(one.format or "", format))
    return next(fitting, None)


def _assert_permitted(loader: Loader, job: Job) -> None:
    verdict = job.version["pickle"]
    if job.permits_pickles or (verdict is None and not loader.unpickles):
        return
    if verdict is None:
        raise job.refuse("loading it unpickles files that the registry has not inspected")
    if verdict == "unreadable":
        raise job.refuse("the registry could not analyse its pickle")
    named = ((job.version.get("facts") or {}).get("pickle") or {}).get("unknown") or []
    some = ", ".join(named[:_MAX_NAMED]) + (", …" if len(named) > _MAX_NAMED else "")
    raise job.refuse("its pickle runs code" + (f" ({some})" if some else ""))


#: Packages that models of others need. A pickle may name any module, which nobody should install for that.
_PACKAGES = {name: name for name in "accelerate cloudpickle dill h5py lightning numpy pandas scipy sentencepiece torch".split()} | {
    "llama_cpp": "llama-cpp-python",
    "pytorch_lightning": "pytorch-lightning",
    "sentence_transformers": "sentence-transformers",
    "sklearn": "scikit-learn",
}


def _missing(module: str, reference: str, version: Mapping[str, Any]) -> PlinthError:
    top = clean_text(module.split(".", 1)[0])
    package = _PACKAGES.get(top, top)
    if top not in _PACKAGES and top not in {one.module.split(".", 1)[0] for one in LOADERS}:
        text = f"{reference} needs the module {top} of the code that trained it. Put its folder on sys.path."
        return PlinthError("missing-package", text)
    release = version.get("frameworkVersion") or ""
    is_pinned = package == version["framework"] and re.fullmatch(r"[0-9][0-9A-Za-z.]*", release)
    command = f"pip install {package}=={release}" if is_pinned else f"pip install {package}"
    text = f"{reference} needs {package}, which is not installed in this Python. Install it with: {command}"
    return PlinthError("missing-package", text)


def _load_pickle(pickle: Any, job: Job) -> Any:
    with open(job.path, "rb") as file:
        return pickle.load(file)


#: Files of an MLflow folder that run nothing by themselves, or whose pickles the registry inspects.
_PLAIN_MLFLOW = re.compile(r"(^|/)MLmodel$|\.(ya?ml|txt|json|md|pkl|pickle|joblib)$")


def _load_mlflow(mlflow: Any, job: Job) -> Any:
    others = [file["path"] for file in job.version["manifest"] if not _PLAIN_MLFLOW.search(file["path"])]
    if others and not job.trust:
        raise job.refuse(f"MLflow may run {others[0]}, which the registry has not inspected")
    if not os.path.islink(os.path.join(job.path, "MLmodel")):
        return mlflow.load_model(job.path)
    # MLflow refuses links to files elsewhere, and reads some files only when they are used.
    folder = tempfile.mkdtemp(prefix="plinth-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return mlflow.load_model(shutil.copytree(job.path, os.path.join(folder, "model")))


def _load_torch(torch: Any, job: Job) -> Any:
    import pickle

    try:
        return torch.load(job.path, map_location="cpu", weights_only=not job.trust)
    except pickle.UnpicklingError as error:
        if job.trust:
            raise
        raise job.refuse("torch does not load it with weights_only=True, as it holds more than tensors") from error


def _load_skops(skops: Any, job: Job) -> Any:
    untrusted = skops.get_untrusted_types(file=job.path)
    if untrusted and not job.trust:
        raise job.refuse(f"skops does not know the types {', '.join(untrusted[:_MAX_NAMED])}")
    return skops.load(job.path, trusted=untrusted)


def _load_safetensors(safetensors: Any, job: Job) -> Any:
    kind = "torch" if importlib.util.find_spec("torch") else "numpy"
    return importlib.import_module(f"safetensors.{kind}").load_file(job.path)


def _load_transformers(transformers: Any, job: Job) -> Any:
    """Load by the class that config.json names, if it is a model of transformers itself. Nothing is fetched."""
    name = job.version["modelClass"] or ""
    named: Any = getattr(transformers, name, None) if re.fullmatch(r"[A-Z]\w*", name) else None
    is_model = isinstance(named, type) and issubclass(named, transformers.PreTrainedModel)
    files = [file["path"] for file in job.version["manifest"]]
    is_pickled = any(path.endswith(".bin") for path in files) and not any(path.endswith(".safetensors") for path in files)
    if is_pickled and not job.permits_pickles:
        raise job.refuse("its weights are pickles that the registry has not inspected")
    options = {"local_files_only": True, "trust_remote_code": job.trust, **_weights(job)}
    return (named if is_model else transformers.AutoModel).from_pretrained(job.path, **options)


def _weights(job: Job) -> dict[str, bool]:
    """Return the option that keeps a library of Hugging Face from unpickling weights that the registry has not inspected."""
    return {} if job.permits_pickles else {"use_safetensors": True}


def _load_catboost(catboost: Any, job: Job) -> Any:
    kind = {"format": "json"} if job.version["format"].startswith("catboost json") else {}
    model = catboost.CatBoost()
    model.load_model(job.path, **kind)
    return model


def _load_peft(_: Any, job: Job) -> Any:
    call = f"PeftModel.from_pretrained(base, plinth.path({job.reference!r}))"
    raise PlinthError("unsupported-format", f"{job.reference} is an adapter. Load it on its base model: {call}")


def _load_diffusers(diffusers: Any, job: Job) -> Any:
    return diffusers.DiffusionPipeline.from_pretrained(job.path, local_files_only=True, **_weights(job))


def _load_sentences(library: Any, job: Job) -> Any:
    return library.SentenceTransformer(job.path, local_files_only=True, model_kwargs=_weights(job))


#: Formats come before frameworks: a pickle of an XGBoost model is loaded as a pickle.
LOADERS: tuple[Loader, ...] = (
    Loader("mlflow.pyfunc", _load_mlflow, format=r"^mlflow model", unpickles=True),
    Loader("onnxruntime", lambda onnx, job: onnx.InferenceSession(job.path, providers=onnx.get_available_providers()), format=r"^onnx"),
    Loader("safetensors", _load_safetensors, format=r"^safetensors$"),
    Loader("torch", lambda torch, job: torch.jit.load(job.path, map_location="cpu"), format=r"^torchscript"),
    Loader("torch", lambda torch, job: torch.export.load(job.path), format=r"^torch\.export", unpickles=True),
    Loader("skops.io", _load_skops, format=r"^skops"),
    Loader("fastai.learner", lambda fastai, job: fastai.load_learner(job.path), framework="fastai", unpickles=True),
    Loader("pickle", _load_pickle, format=r"^(pickle|cloudpickle)$", unpickles=True),
    Loader("joblib", lambda joblib, job: joblib.load(job.path), format=r"^(pickle|joblib)\b", unpickles=True),
    Loader("diffusers", _load_diffusers, format=r"^diffusers"),
    Loader("transformers", _load_transformers, framework="transformers"),
    Loader("sentence_transformers", _load_sentences, framework="sentence-transformers"),
    Loader("peft", _load_peft, framework="peft"),
    Loader("keras", lambda keras, job: keras.models.load_model(job.path, safe_mode=not job.trust), framework="keras"),
    Loader("xgboost", lambda xgboost, job: xgboost.Booster(model_file=job.path), framework="xgboost"),
    Loader("lightgbm", lambda lightgbm, job: lightgbm.Booster(model_file=job.path), framework="lightgbm"),
    Loader("catboost", _load_catboost, framework="catboost"),
    Loader("numpy", lambda numpy, job: numpy.load(job.path, allow_pickle=job.version["pickle"] is not None), framework="numpy"),
    Loader("spacy", lambda spacy, job: spacy.load(job.path), framework="spacy"),
    Loader("llama_cpp", lambda llama_cpp, job: llama_cpp.Llama(model_path=job.path), framework="gguf"),
    Loader("ultralytics", lambda ultralytics, job: ultralytics.YOLO(job.path), framework="ultralytics", unpickles=True),
    Loader("tensorflow", lambda tensorflow, job: tensorflow.saved_model.load(job.path), format="SavedModel"),
    Loader("torch", _load_torch, framework="pytorch"),
    Loader("torch", _load_torch, framework="lightning"),
)
