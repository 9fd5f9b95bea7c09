/* SPDX-License-Identifier: Apache-2.0 */
/* Driver of the accelerator msq_top: what its registers say, jobs, counters, errors (docs/reference/soc.md).
 * C99 without allocation and without other libraries. No function is safe against another one on the same
 * device in another thread. */
#ifndef MSQ_DRIVER_H
#define MSQ_DRIVER_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Name, and text for a message. Everything that a function refuses has a status of its own. */
#define MSQ_STATUS_LIST(X)                                                                                   \
  X(MSQ_OK, "success")                                                                                       \
  X(MSQ_E_ARGUMENT, "an argument is null or out of its range")                                               \
  X(MSQ_E_NO_MEMORY, "the allocator gave no memory")                                                         \
  X(MSQ_E_BUFFER, "a buffer of the caller has another size than its packet")                                 \
  X(MSQ_E_SYSTEM, "the system refused to open or map the registers; errno says why")                         \
  X(MSQ_E_NO_DEVICE, "no accelerator: the register id is not MSQ1")                                          \
  X(MSQ_E_STREAM_VERSION, "the accelerator's streams have a version that this library does not write")       \
  X(MSQ_E_CAPABILITIES, "the capability registers contradict each other")                                    \
  X(MSQ_E_SHAPE, "M, K or N is zero or more than 16,777,215")                                                \
  X(MSQ_E_PASS_TOKENS,                                                                                       \
    "tokens of a pass are zero or more than the accumulators or the activation buffer hold")                 \
  X(MSQ_E_TILING, "rows of a tile along K are less than 4, or more than the array or a block has")           \
  X(MSQ_E_DEPTH, "K takes more tiles than 1,024, or more than half of the activation buffer holds")          \
  X(MSQ_E_FORMAT, "no such format of the outputs")                                                           \
  X(MSQ_E_QUEUE_FULL, "a job waits already")                                                                 \
  X(MSQ_E_STOPPED, "the accelerator stopped with an error and must be cleared first")                        \
  X(MSQ_E_TIMEOUT, "the job did not end in time")                                                            \
  X(MSQ_E_JOB_ERROR, "a job ended with an error of the accelerator")                                         \
  X(MSQ_E_TRANSPORT, "the transport of the packets failed")                                                  \
  X(MSQ_E_MODE, "the array has no mode for weights of so many bits")                                         \
  X(MSQ_E_ENCODING, "the array is for the other encoding of weights")                                        \
  X(MSQ_E_FRACTION_BITS, "the array has other fraction bits than the weights")                               \
  X(MSQ_E_SCALE_MANTISSA_BITS, "the array has other mantissa bits of scales than the weights")               \
  X(MSQ_E_MICRO_BLOCK, "the array has micro-blocks of another size")                                         \
  X(MSQ_E_MACRO_BLOCK, "macro-blocks must have 32, 64 or 128 weights")                                       \
  X(MSQ_E_AXIS, "encoding full_range has axis reduction alone")                                              \
  X(MSQ_E_TENSOR_SIZE, "a tensor has another size than the layer's metadata say")                            \
  X(MSQ_E_NO_OUTLIERS, "the weights have outliers, the array takes none")                                    \
  X(MSQ_E_LIST_ENTRIES, "a micro-block has more outliers than the array takes")                              \
  X(MSQ_E_LIST, "a list names a position twice, an outlier beyond N, or cannot be routed")                   \
  X(MSQ_E_CODE, "a code that the encoding does not have, or one beyond N")                                   \
  X(MSQ_E_OUTLIER_SHIFT, "an outlier's shift is beyond the largest of the array")                            \
  X(MSQ_E_SCALE, "a scale of weights is not one of the encoding")                                            \
  X(MSQ_E_ROW_SHIFT, "the scales of rows of a tile differ by more than row_align_bits")                      \
  X(MSQ_E_TILE_COLUMNS, "axis output: a tile has more columns than a macro-block")                           \
  X(MSQ_E_PARTIAL_SUM, "a partial sum can be wider than acc_bits")                                           \
  X(MSQ_E_ACCUMULATOR, "the dot product can be wider than an output accumulator")                            \
  X(MSQ_E_ACTIVATION_BITS, "the array takes activations of another width")                                   \
  X(MSQ_E_ACTIVATION_BLOCK, "blocks of activations must have 32, 64 or 128 values")                          \
  X(MSQ_E_ACTIVATION_VALUE, "an activation is beyond +-127, or +-7 with 4 bits")                             \
  X(MSQ_E_ACTIVATION_FINITE, "an activation is infinite or not a number, or a scale of inputs not positive") \
  X(MSQ_E_NO_SHELL, "no shell: its register id is not MSQS")                                                 \
  X(MSQ_E_DESCRIPTOR_VERSION, "the shell's descriptors have a version that this library does not write")     \
  X(MSQ_E_ALIGNMENT, "an address inside a word of the memory; of a descriptor: no multiple of 128")          \
  X(MSQ_E_ADDRESS, "an address, or the end of a packet, is beyond the memory")                               \
  X(MSQ_E_BEATS, "bytes of a packet are no or not whole beats")                                              \
  X(MSQ_E_LAYOUT, "outputs cannot be laid out as activations: their format, their place or their room")      \
  X(MSQ_E_CHAIN, "the layer cannot take the outputs of the layer before as activations")                     \
  X(MSQ_E_LIST_FULL, "there is no room for more descriptors")                                                \
  X(MSQ_E_BUSY, "a list runs")

#define MSQ_STATUS_NAME(name, text) name,
typedef enum msq_status { MSQ_STATUS_LIST(MSQ_STATUS_NAME) MSQ_STATUS_COUNT } msq_status;
#undef MSQ_STATUS_NAME

/* "MSQ_E_SHAPE"; "M, K or N is ..". A number that is no status has the texts of MSQ_E_ARGUMENT. */
const char* msq_status_name(msq_status status);
const char* msq_status_text(msq_status status);

/* ------------------------------------------------------------------------------------------- registers */

/* Access to 32-bit registers at byte offsets from the accelerator's base. */
typedef struct msq_io {
  uint32_t (*read32)(void* context, uint32_t offset);
  void (*write32)(void* context, uint32_t offset, uint32_t value);
  void* context;
} msq_io;

/* Registers in memory, as on bare metal; context: the base, a `volatile uint32_t *`. */
msq_io msq_io_memory(volatile void* base);

enum { MSQ_PATH_IS_NONE = 0, MSQ_PATH_IS_RECON = 1, MSQ_PATH_IS_INLINE = 2 };

/* The capability registers (docs/reference/registers.md), decoded. */
typedef struct msq_capabilities {
  uint32_t config_hash;
  uint32_t version_major, version_minor, version_patch; /* of the generator */
  uint32_t stream_version;
  uint32_t rows, cols;     /* PEs */
  uint32_t mode2, mode4;   /* 1 if supported */
  uint32_t row_align_bits; /* largest row shift */
  uint32_t micro_block;    /* 0 without outliers */
  uint32_t act_bits;       /* 8 or 4 */
  uint32_t tokens;         /* largest pass */
  uint32_t act_words;      /* words of half of the activation buffer */
  uint32_t output_lanes;
  uint32_t path;      /* MSQ_PATH_IS_.. */
  uint32_t places;    /* positions of K of a row in mode 2 */
  uint32_t band_rows; /* rows that share outlier units */
  uint32_t units;     /* path recon: ReCoN units; path inline: of a micro-block in a band */
  uint32_t weight_rows;
  uint32_t lead;
  uint32_t permuter;   /* 1 if activations can change rows */
  uint32_t full_range; /* encoding */
  uint32_t fraction_bits, scale_mantissa_bits;
  uint32_t list_entries; /* most outliers of a micro-block */
  uint32_t shift_max;    /* largest r that is computed in one part */
  uint32_t acc_bits, accumulator_bits;
  uint32_t weight_beat, act_beat; /* bytes */
  uint32_t section_beats, entry_beats;
  uint32_t errors; /* bit c: error code c can be reported */
} msq_capabilities;

/* Reads and checks them. MSQ_E_NO_DEVICE, MSQ_E_STREAM_VERSION, MSQ_E_CAPABILITIES. */
msq_status msq_read_capabilities(const msq_io* io, msq_capabilities* capabilities);

/* ------------------------------------------------------------------------------------------------ jobs */

typedef struct msq_device {
  msq_io io;
  msq_capabilities capabilities;
} msq_device;

enum { MSQ_RAW = 0, MSQ_FP32 = 1, MSQ_MX8 = 2, MSQ_MX4 = 3 };

/* Settings of a GEMM Y[M][N] = X[M][K] W[K][N]. */
typedef struct msq_job {
  uint32_t tokens, depth, columns; /* M, K, N */
  uint32_t pass_tokens;            /* T */
  uint32_t log2_rows;              /* of a tile along K */
  uint32_t log2_block;             /* of the activations that share a scale */
  uint32_t format;                 /* of the outputs: MSQ_RAW .. */
} msq_job;

typedef struct msq_state {
  uint32_t busy, done, error, interrupt, queued; /* 0 or 1 */
  uint32_t code;                                 /* of the error */
} msq_state;

typedef struct msq_counters {
  uint32_t cycles, tokens, tiles;
  uint32_t wait_output, wait_activation, wait_weight, wait_schedule;
  uint32_t recon_accesses, recon_waits;
} msq_counters;

/* Reads the capabilities. Changes nothing in the accelerator. */
msq_status msq_open(msq_device* device, const msq_io* io);

/* Refuses jobs that the accelerator refuses as error `shape`: MSQ_E_SHAPE, MSQ_E_PASS_TOKENS, MSQ_E_TILING,
 * MSQ_E_DEPTH, MSQ_E_FORMAT. */
msq_status msq_check_job(const msq_capabilities* capabilities, const msq_job* job);

/* Writes the settings and starts the job, behind one that runs. msq_check_job, MSQ_E_QUEUE_FULL,
 * MSQ_E_STOPPED. */
msq_status msq_start(msq_device* device, const msq_job* job);

void msq_read_state(msq_device* device, msq_state* state);

/* Reads the state until no job is under way, at most `polls` times, and calls `relax` (null: nothing) between
 * two of them. MSQ_E_TIMEOUT; MSQ_E_JOB_ERROR: state->code is the accelerator's error. `state` may be null.
 */
msq_status msq_wait(msq_device* device, uint32_t polls, void (*relax)(void* context), void* context,
                    msq_state* state);

/* Name of an error code: "shape"; and when it comes. "unknown" for a code that there is not. */
const char* msq_error_name(uint32_t code);
const char* msq_error_text(uint32_t code);

/* Jobs that ended without an error since reset, modulo 2^32. */
uint32_t msq_jobs(msq_device* device);
void msq_read_counters(msq_device* device, msq_counters* counters);

/* Drops all jobs and the error. The input streams drop all beats offered up to here, so a transport must
 * have stopped before. */
void msq_clear(msq_device* device);
void msq_enable_interrupt(msq_device* device, int enabled);
void msq_acknowledge(msq_device* device);

/* -------------------------------------------------------------------------------------------- transport */

/* Packets of a pass, in whole beats, and room for its outputs. */
typedef struct msq_pass {
  const void* weights;
  size_t weight_bytes;
  const void* activations;
  size_t activation_bytes;
  void* outputs;
  size_t output_bytes;
} msq_pass;

/* Mover of packets: a DMA engine, descriptors in memory, a model of the streams. */
typedef struct msq_transport {
  /* Queues the packets of a pass behind those queued before; each ends with `tlast`. The buffers stay valid
   * until `finish`. May wait for the pass before, never for the end of this one. */
  msq_status (*queue)(void* context, const msq_pass* pass);
  /* Waits until everything queued has moved. */
  msq_status (*finish)(void* context);
  /* Gives up all queued packets, after an error of the accelerator. */
  void (*abort)(void* context);
  void* context;
} msq_transport;

/* Starts a job, moves its passes and waits for its end. Errors of msq_start, the transport and msq_wait;
 * after an error of one of the latter two the transport is aborted and the accelerator cleared; `state` (may
 * be null) has the state before that. */
msq_status msq_run(msq_device* device, const msq_transport* transport, const msq_job* job,
                   const msq_pass* passes, size_t count, uint32_t polls, msq_state* state);

#ifdef __cplusplus
}
#endif

#endif
