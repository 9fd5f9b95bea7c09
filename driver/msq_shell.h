/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of jobs of msq_shell, whose packets, descriptors and outputs are in memory (docs/reference/soc.md).
 * The caller's memory is a pointer for this library and a bus address for the shell. Both see the same bytes:
 * in memory with a cache the caller cleans it before a start and drops it before reading; `write32` of the
 * registers must not overtake writes to memory. */
#ifndef MSQ_SHELL_H
#define MSQ_SHELL_H

#include "msq_pack.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Alignment of a descriptor, and its bytes with the completion behind it. */
enum { MSQ_DESCRIPTOR_BYTES = 128 };

typedef struct msq_shell {
  msq_device device; /* the accelerator inside: capabilities and counters, for reading */
  uint32_t version;  /* of descriptors */
  uint32_t word_bytes, address_bits, burst;
} msq_shell;

/* Reads what shell and accelerator are; `io` has the host's window of 8 KiB. MSQ_E_NO_SHELL,
 * MSQ_E_DESCRIPTOR_VERSION, errors of msq_open. */
msq_status msq_shell_open(msq_shell* shell, const msq_io* io);

/* ------------------------------------------------------------------------------------------------ jobs */

/* A job: one pass of M tokens. Addresses and sizes in bytes. */
typedef struct msq_shell_job {
  uint32_t tokens, depth, columns;        /* M, K, N */
  uint32_t log2_rows, log2_block, format; /* as in msq_job */
  uint32_t weight_bytes, activation_bytes;
  uint32_t output_bytes; /* that outputs may take */
  uint32_t values;       /* with `activations`: from the first scale to the first value */
  uint64_t weight_address, activation_address, output_address;
  uint32_t interrupt;   /* 1: with the end of the job */
  uint32_t wait;        /* 1: activations are read when all jobs before have written their outputs */
  uint32_t activations; /* 1: outputs are laid out as activations of a next layer */
} msq_shell_job;

/* Refuses what the shell or the accelerator would end in an error: msq_check_job, MSQ_E_BEATS, MSQ_E_BUFFER
 * (activations of another size than the shape's), MSQ_E_ALIGNMENT, MSQ_E_ADDRESS, MSQ_E_LAYOUT. */
msq_status msq_shell_check(const msq_shell* shell, const msq_shell_job* job);

/* A list in memory of the caller's. */
typedef struct msq_shell_list {
  const msq_shell* shell;
  unsigned char* memory;
  uint64_t address; /* of the first descriptor */
  size_t room;      /* descriptors */
  uint32_t count;
} msq_shell_list;

/* An empty list in `bytes` of memory at a bus address. MSQ_E_ALIGNMENT, MSQ_E_ADDRESS. */
msq_status msq_shell_list_open(msq_shell_list* list, const msq_shell* shell, void* memory, uint64_t address,
                               size_t bytes);

/* Adds a job behind the last one. Not while the list runs. msq_shell_check, MSQ_E_LIST_FULL. */
msq_status msq_shell_add(msq_shell_list* list, const msq_shell_job* job);

/* ---------------------------------------------------------------------------------------------- layers */

/* A layer in memory: packets of its passes one after the other, each at a word of the memory. */
typedef struct msq_shell_layer {
  const msq_pack* pack;
  const struct msq_shell_layer* before;   /* whose outputs are the activations; null: at `activations` */
  uint32_t chained;                       /* 1: outputs are the activations of a next layer */
  uint32_t interrupt;                     /* 1: with the end of the last pass */
  uint64_t weights, activations, outputs; /* bus addresses */
} msq_shell_layer;

/* Bytes from a layer's weights, activations or outputs to those of a pass. Of the number of passes: all
 * bytes that they take. Passes with equal weight packets share one. */
size_t msq_shell_weight_offset(const msq_shell* shell, const msq_shell_layer* layer, uint32_t pass);
size_t msq_shell_activation_offset(const msq_shell* shell, const msq_shell_layer* layer, uint32_t pass);
size_t msq_shell_output_offset(const msq_shell* shell, const msq_shell_layer* layer, uint32_t pass);

/* Write the packets of all passes into memory of exactly that size; values and scales as in
 * msq_pack_activations. MSQ_E_BUFFER, errors of the packer. */
msq_status msq_shell_put_weights(const msq_shell* shell, const msq_shell_layer* layer, uint8_t* out,
                                 size_t size);
msq_status msq_shell_put_activations(const msq_shell* shell, const msq_shell_layer* layer,
                                     const int8_t* values, const int8_t* scales, uint8_t* out, size_t size);

/* The job of a pass, unchecked. */
void msq_shell_job_of(const msq_shell* shell, const msq_shell_layer* layer, uint32_t pass,
                      msq_shell_job* job);

/* Adds a job for each pass; after an error none. msq_shell_add, MSQ_E_CHAIN. */
msq_status msq_shell_add_layer(msq_shell_list* list, const msq_shell_layer* layer);

/* ----------------------------------------------------------------------------------------------- lists */

typedef struct msq_shell_state {
  uint32_t busy, done, error, interrupt; /* 0 or 1 */
  uint32_t code;                         /* of the error */
  uint32_t finished;                     /* jobs that ended without an error */
  uint32_t cycles;                       /* of the list */
  uint64_t last; /* descriptor of the oldest job, after the list of its last one or that with the error */
} msq_shell_state;

/* Words that the shell writes at the end of a job. Whole once the list has ended, or `finished` counts the
 * job. */
typedef struct msq_shell_completion {
  uint32_t written; /* 0 or 1 */
  uint32_t code;    /* of the error */
  uint32_t job;     /* number in the list */
  uint32_t cycles;  /* since the start of the list */
} msq_shell_completion;

/* Clears the completions and starts the list, any number of times. MSQ_E_ARGUMENT if it is empty,
 * MSQ_E_BUSY. */
msq_status msq_shell_start(msq_shell_list* list);
void msq_shell_read_state(const msq_shell* shell, msq_shell_state* state);
/* Reads the status until no list runs, at most `polls` times, and calls `relax` (null: nothing) between two
 * of them. MSQ_E_TIMEOUT; MSQ_E_JOB_ERROR: state->code. `state` may be null. */
msq_status msq_shell_wait(const msq_shell* shell, uint32_t polls, void (*relax)(void* context), void* context,
                          msq_shell_state* state);
/* Ends the list; its oldest job gets the error `stopped`. */
void msq_shell_stop(const msq_shell* shell);
/* With the interrupt: acknowledge first, read the state then. */
void msq_shell_enable_interrupt(const msq_shell* shell, int enabled);
void msq_shell_acknowledge(const msq_shell* shell);

/* MSQ_E_ARGUMENT if the list has no such job. */
msq_status msq_shell_read_completion(const msq_shell_list* list, uint32_t job,
                                     msq_shell_completion* completion);

/* Of the shell's codes, those of the accelerator among them; as msq_error_name and msq_error_text. */
const char* msq_shell_error_name(uint32_t code);
const char* msq_shell_error_text(uint32_t code);

#ifdef __cplusplus
}
#endif

#endif
