"""What numpy raises for a damaged `.npy` or `.npz` file, beside what it means to raise."""

import tokenize
import zipfile
import zlib

DAMAGE = (
    OSError,
    MemoryError,  # Of a header that says a size that is none.
    EOFError,
    ValueError,
    KeyError,
    # A header with a bracket too many.
    SyntaxError,
    tokenize.TokenError,
    # An archive whose members say that they are encrypted, or packed in an unknown way.
    RuntimeError,
    NotImplementedError,
    zipfile.BadZipFile,
    zlib.error,
)
