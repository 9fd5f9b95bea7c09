"""The accelerator from Python: registers, jobs and packets, through the C library of driver/ and ctypes.

    library = driver.Library("build/release/driver/libmicroscopiq_driver.so")
    device = library.open(read32, write32)             # or open_uio, open_memory: Linux
    packets = library.pack(device.capabilities, layer, tokens=16)
    weights, activations = packets.weights(0), packets.activations(0, x8)
    device.start(packets.job())                          # whatever moves packets to the streams and back
    y = packets.read([outputs])                          # float32 [M][N]

What the accelerator cannot compute is a DriverError with the library's status.
"""

import ctypes
from ctypes import POINTER, byref, c_char_p, c_int, c_int8, c_size_t, c_uint32, c_uint64, c_void_p

import numpy as np

from .activations import MxInt

FORMATS = {"raw": 0, "fp32": 1, "mx8": 2, "mx4": 3}
_READ = ctypes.CFUNCTYPE(c_uint32, c_void_p, c_uint32)
_WRITE = ctypes.CFUNCTYPE(None, c_void_p, c_uint32, c_uint32)
_ALLOCATE = ctypes.CFUNCTYPE(c_void_p, c_void_p, c_size_t)
_RELEASE = ctypes.CFUNCTYPE(None, c_void_p, c_void_p, c_size_t)


class DriverError(RuntimeError):
    """A refusal by the library: `status` is its name (MSQ_E_MODE), `code` that of the accelerator's error."""

    def __init__(self, status, text, code=0):
        super().__init__(f"{status}: {text}")
        self.status, self.code = status, code


def _words(names):
    return [(name, c_uint32) for name in names.split()]


class _Values(ctypes.Structure):
    def __repr__(self):
        return f"{type(self).__name__}({', '.join(f'{n}={getattr(self, n)}' for n, _ in self._fields_)})"


class Capabilities(_Values):
    """The capability registers; docs/reference/registers.md has the meaning of each."""

    _fields_ = _words(
        "config_hash version_major version_minor version_patch stream_version rows cols mode2 mode4 "
        "row_align_bits micro_block act_bits tokens act_words output_lanes path places band_rows units "
        "weight_rows lead permuter full_range fraction_bits scale_mantissa_bits list_entries shift_max "
        "acc_bits accumulator_bits weight_beat act_beat section_beats entry_beats errors"
    )


class Job(_Values):
    """Settings of a GEMM."""

    _fields_ = _words("tokens depth columns pass_tokens log2_rows log2_block format")


class State(_Values):
    """The status register."""

    _fields_ = _words("busy done error interrupt queued code")


class Counters(_Values):
    _fields_ = _words(
        "cycles tokens tiles wait_output wait_activation wait_weight wait_schedule recon_accesses recon_waits"
    )


class _Io(ctypes.Structure):
    _fields_ = [("read32", _READ), ("write32", _WRITE), ("context", c_void_p)]


class _Device(ctypes.Structure):
    _fields_ = [("io", _Io), ("capabilities", Capabilities)]


class _Linux(ctypes.Structure):
    _fields_ = [
        ("io", _Io),
        ("registers", c_void_p),
        ("mapping", c_void_p),
        ("mapping_bytes", c_size_t),
        ("file", c_int),
    ]


class _Tensor(ctypes.Structure):
    _fields_ = [("data", c_void_p), ("bytes", c_size_t)]


_TENSORS = ["codes", "identifiers", "identifier_masks", "mx_scales", "lists", "scales", "scale_mantissas"]


class _Layer(ctypes.Structure):
    _fields_ = [
        *_words(
            "k n bits micro_block macro_block axis full_range list_entries shift_bits fraction_bits "
            "scale_mantissa_bits identifier_group"
        ),
        *[(name, _Tensor) for name in _TENSORS],
    ]


class _Request(ctypes.Structure):
    _fields_ = _words("tokens act_bits block format pass_tokens")


class _Allocator(ctypes.Structure):
    _fields_ = [("allocate", _ALLOCATE), ("release", _RELEASE), ("context", c_void_p)]


class Library:
    """The shared library: a path, or a name that the system's loader finds."""

    def __init__(self, path="libmicroscopiq_driver.so"):
        self._c = ctypes.CDLL(str(path))
        self._declare()
        memory = ctypes.CDLL(None)
        memory.malloc.restype, memory.malloc.argtypes = c_void_p, [c_size_t]
        memory.free.restype, memory.free.argtypes = None, [c_void_p]
        # Kept here: the library calls them as long as a plan lives.
        self._allocator = _Allocator(
            _ALLOCATE(lambda _, size: memory.malloc(size or 1)),
            _RELEASE(lambda _, piece, __: memory.free(piece)),
            None,
        )

    def _declare(self):
        c, pointer = self._c, POINTER
        for name, result, arguments in [
            ("msq_status_name", c_char_p, [c_int]),
            ("msq_status_text", c_char_p, [c_int]),
            ("msq_error_name", c_char_p, [c_uint32]),
            ("msq_error_text", c_char_p, [c_uint32]),
            ("msq_open", c_int, [pointer(_Device), pointer(_Io)]),
            ("msq_check_job", c_int, [pointer(Capabilities), pointer(Job)]),
            ("msq_start", c_int, [pointer(_Device), pointer(Job)]),
            ("msq_read_state", None, [pointer(_Device), pointer(State)]),
            ("msq_wait", c_int, [pointer(_Device), c_uint32, c_void_p, c_void_p, pointer(State)]),
            ("msq_jobs", c_uint32, [pointer(_Device)]),
            ("msq_read_counters", None, [pointer(_Device), pointer(Counters)]),
            ("msq_clear", None, [pointer(_Device)]),
            ("msq_enable_interrupt", None, [pointer(_Device), c_int]),
            ("msq_acknowledge", None, [pointer(_Device)]),
            (
                "msq_pack_open",
                c_int,
                [
                    pointer(c_void_p),
                    pointer(Capabilities),
                    pointer(_Layer),
                    pointer(_Request),
                    pointer(_Allocator),
                ],
            ),
            ("msq_pack_close", None, [c_void_p]),
            ("msq_pack_job", None, [c_void_p, pointer(Job)]),
            ("msq_pack_passes", c_uint32, [c_void_p]),
            ("msq_pack_tokens", c_uint32, [c_void_p, c_uint32]),
            ("msq_pack_weight_bytes", c_size_t, [c_void_p, c_uint32]),
            ("msq_pack_activation_bytes", c_size_t, [c_void_p, c_uint32]),
            ("msq_pack_output_bytes", c_size_t, [c_void_p, c_uint32]),
            ("msq_pack_weights", c_int, [c_void_p, c_uint32, c_void_p, c_size_t]),
            ("msq_read_raw", c_int, [c_void_p, c_uint32, c_void_p, c_size_t, c_void_p, c_void_p]),
            ("msq_read_fp32", c_int, [c_void_p, c_uint32, c_void_p, c_size_t, c_void_p]),
            ("msq_read_mx", c_int, [c_void_p, c_uint32, c_void_p, c_size_t, c_void_p, c_void_p]),
            (
                "msq_pack_activations",
                c_int,
                [c_void_p, c_uint32, pointer(c_int8), pointer(c_int8), c_void_p, c_size_t],
            ),
        ]:
            function = getattr(c, name)
            function.restype, function.argtypes = result, arguments
        if hasattr(c, "msq_linux_open_uio"):
            c.msq_linux_open_uio.argtypes = [pointer(_Linux), c_char_p]
            c.msq_linux_open_memory.argtypes = [pointer(_Linux), c_char_p, c_uint64]
            c.msq_linux_close.argtypes, c.msq_linux_close.restype = [pointer(_Linux)], None
            c.msq_linux_wait_interrupt.argtypes = [pointer(_Linux), c_int]

    def check(self, status, code=0):
        """DriverError unless the status is MSQ_OK."""
        if status:
            name, text = self._c.msq_status_name(status).decode(), self._c.msq_status_text(status).decode()
            if code:
                text += f" {code}, {self.error_name(code)}: {self._c.msq_error_text(code).decode()}"
            raise DriverError(name, text, code)

    def error_name(self, code):
        """Name of an error code of the accelerator."""
        return self._c.msq_error_name(code).decode()

    def open(self, read32, write32):
        """A device behind read32(offset) and write32(offset, value)."""
        read = _READ(lambda _, offset: read32(offset))
        write = _WRITE(lambda _, offset, value: write32(offset, value))
        return Device(self, _Io(read, write, None))

    def open_uio(self, path="/dev/uio0"):
        """A device of Linux' UIO."""
        return self._open_linux("msq_linux_open_uio", path.encode())

    def open_memory(self, address, path="/dev/mem"):
        """A device at a physical address."""
        return self._open_linux("msq_linux_open_memory", path.encode(), address)

    def _open_linux(self, function, *arguments):
        linux = _Linux()
        self.check(getattr(self._c, function)(byref(linux), *arguments))
        return Device(self, linux.io, linux)

    def pack(self, capabilities, layer, tokens, *, block=None, output="fp32", pass_tokens=0, act_bits=None):
        """The packets of a Layer for this many tokens. block: activations that share a scale, by default the
        weights' macro-block."""
        return Packets(self, capabilities, layer, tokens, block, output, pass_tokens, act_bits)


class Device:
    """An accelerator. `capabilities` are read once."""

    def __init__(self, library, io, linux=None):
        self._library, self._c, self._io, self._linux = library, library._c, io, linux
        self._device = _Device()
        library.check(self._c.msq_open(byref(self._device), byref(io)))

    @property
    def capabilities(self):
        return self._device.capabilities

    def check_job(self, job):
        self._library.check(self._c.msq_check_job(byref(self.capabilities), byref(job)))

    def start(self, job):
        """Writes the settings and starts the job, behind one that runs."""
        self._library.check(self._c.msq_start(byref(self._device), byref(job)))

    def state(self):
        found = State()
        self._c.msq_read_state(byref(self._device), byref(found))
        return found

    def wait(self, polls=1_000_000):
        """Reads the state until no job is under way."""
        found = State()
        status = self._c.msq_wait(byref(self._device), polls, None, None, byref(found))
        self._library.check(status, found.code)
        return found

    def wait_interrupt(self, milliseconds=-1):
        """UIO: waits for the next interrupt."""
        self._library.check(self._c.msq_linux_wait_interrupt(byref(self._linux), milliseconds))

    def jobs(self):
        """Jobs that ended without an error since reset."""
        return self._c.msq_jobs(byref(self._device))

    def counters(self):
        found = Counters()
        self._c.msq_read_counters(byref(self._device), byref(found))
        return found

    def clear(self):
        """Drops all jobs and the error."""
        self._c.msq_clear(byref(self._device))

    def enable_interrupt(self, enabled=True):
        self._c.msq_enable_interrupt(byref(self._device), enabled)

    def acknowledge(self):
        self._c.msq_acknowledge(byref(self._device))

    def close(self):
        """Gives the mapping of open_uio or open_memory back."""
        if self._linux is not None:
            self._c.msq_linux_close(byref(self._linux))
            self._linux = None


class Packets:
    """Plan of a layer's packets; a context manager, or until close()."""

    def __init__(self, library, capabilities, layer, tokens, block, output, pass_tokens, act_bits):
        self._library, self._c = library, library._c
        self._pack = c_void_p()
        if output not in FORMATS:
            raise ValueError(f"output: found {output!r}; allowed {', '.join(FORMATS)}")
        self._tensors = layer.stored()  # the library reads them as long as the plan lives
        request = _Request(
            tokens,
            act_bits or capabilities.act_bits,
            block or layer.format.macro_block,
            FORMATS[output],
            pass_tokens,
        )
        self._shape, self._block = (tokens, layer.format.k), request.block
        self._output, self._n = output, layer.format.n
        library.check(
            self._c.msq_pack_open(
                byref(self._pack),
                byref(capabilities),
                byref(self._layer(layer.format)),
                byref(request),
                byref(library._allocator),
            )
        )

    def _layer(self, f):
        found = _Layer(
            f.k,
            f.n,
            f.bits,
            f.micro_block,
            f.macro_block,
            f.axis == "output",
            f.encoding == "full_range",
            f.list_entries,
            f.shift_bits,
            f.fraction_bits,
            f.scale_mantissa_bits,
            f.identifier_group,
        )
        for name, data in self._tensors.items():
            setattr(found, name, _Tensor(data.ctypes.data, data.nbytes))
        return found

    def job(self):
        found = Job()
        self._c.msq_pack_job(self._pack, byref(found))
        return found

    @property
    def passes(self):
        return self._c.msq_pack_passes(self._pack)

    def tokens(self, number):
        """Of a pass."""
        return self._c.msq_pack_tokens(self._pack, number)

    def weights(self, number):
        """Weight packet of a pass, as uint8."""
        out = np.empty(self._c.msq_pack_weight_bytes(self._pack, number), np.uint8)
        self._library.check(self._c.msq_pack_weights(self._pack, number, out.ctypes.data, out.nbytes))
        return out

    def activations(self, number, x):
        """Activation packet of a pass, as uint8, of the MxInt of all tokens."""
        values, scales = np.ascontiguousarray(x.values, np.int8), np.ascontiguousarray(x.scales, np.int8)
        shape = self._shape[0], -(-self._shape[1] // self._block)
        if values.shape != self._shape or scales.shape != shape:
            found, allowed = f"{values.shape}, {scales.shape}", f"{self._shape}, {shape}"
            raise ValueError(f"activations: found {found}; allowed {allowed}")
        out = np.empty(self._c.msq_pack_activation_bytes(self._pack, number), np.uint8)
        pointers = [array.ctypes.data_as(POINTER(c_int8)) for array in (values, scales)]
        self._library.check(
            self._c.msq_pack_activations(self._pack, number, *pointers, out.ctypes.data, out.nbytes)
        )
        return out

    def output_bytes(self, number):
        """Bytes of the output packet of a pass."""
        return self._c.msq_pack_output_bytes(self._pack, number)

    def read(self, outputs):
        """The outputs of a job from the packets of its passes (bytes): float32 [M][N]; "raw": accumulators
        int64 and exponents int32, both [M][N]; MX: an MxInt in blocks of 128 along N."""
        shape, groups = (self._shape[0], self._n), -(-self._n // 128)
        if self._output == "fp32":
            function, found = self._c.msq_read_fp32, [np.empty(shape, np.float32)]
        elif self._output == "raw":
            function, found = self._c.msq_read_raw, [np.empty(shape, np.int64), np.empty(shape, np.int32)]
        else:
            function = self._c.msq_read_mx
            found = [np.empty(shape, np.int8), np.empty((shape[0], groups), np.int8)]
        if len(outputs) != self.passes:
            raise ValueError(f"outputs: found {len(outputs)} packets; allowed {self.passes}")
        for number, packet in enumerate(outputs):
            data = np.frombuffer(packet, np.uint8)
            places = [array.ctypes.data for array in found]
            self._library.check(function(self._pack, number, data.ctypes.data, data.nbytes, *places))
        if self._output.startswith("mx"):
            return MxInt(*found, int(self._output[2:]), 128)
        return found[0] if self._output == "fp32" else tuple(found)

    def close(self):
        self._c.msq_pack_close(self._pack)
        self._pack = c_void_p()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def __del__(self):
        if getattr(self, "_pack", None):
            self.close()


__all__ = [
    "FORMATS",
    "Capabilities",
    "Counters",
    "Device",
    "DriverError",
    "Job",
    "Library",
    "Packets",
    "State",
]
