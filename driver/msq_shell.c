/* SPDX-License-Identifier: Apache-2.0 */
#include "msq_shell.h"

#include "msq_registers.h"
#include "msq_shell_registers.h"

#define FIELD(word, name) ((word) >> name##_LSB & (uint32_t)((UINT64_C(1) << name##_WIDTH) - 1))
#define BIT(name) (UINT32_C(1) << name##_LSB)

enum { REGISTERS = 0x1000, COMPLETION = 64, MARKER = 0xd5, BLOCK = 128, LOG2_BLOCK = 7 };
/* Bits of the control word of a descriptor. */
enum { LAST = 8, INTERRUPT = 9, WAIT = 10, ACTIVATIONS = 11, FORMAT = 12, LOG2_ROWS = 16, LOG2_SCALE = 20 };

static uint32_t get(const msq_shell* shell, uint32_t offset) {
  return shell->device.io.read32(shell->device.io.context, REGISTERS + offset);
}

static void put(const msq_shell* shell, uint32_t offset, uint32_t value) {
  shell->device.io.write32(shell->device.io.context, REGISTERS + offset, value);
}

static int is_power(uint32_t value, uint32_t low, uint32_t high) {
  return value >= low && value <= high && (value & (value - 1)) == 0;
}

msq_status msq_shell_open(msq_shell* shell, const msq_io* io) {
  uint32_t memory;
  msq_status status;
  if (shell == NULL) return MSQ_E_ARGUMENT;
  status = msq_open(&shell->device, io);
  if (status != MSQ_OK) return status;
  if (get(shell, MSQ_SHELL_ID) != UINT32_C(0x4d535153)) return MSQ_E_NO_SHELL;
  shell->version = get(shell, MSQ_SHELL_VERSION);
  if (shell->version != 1) return MSQ_E_DESCRIPTOR_VERSION;
  memory = get(shell, MSQ_SHELL_MEMORY);
  shell->word_bytes = FIELD(memory, MSQ_SHELL_MEMORY_WORD_BYTES);
  shell->address_bits = FIELD(memory, MSQ_SHELL_MEMORY_ADDRESS_BITS);
  shell->burst = FIELD(memory, MSQ_SHELL_MEMORY_BURST);
  if (!is_power(shell->word_bytes, 4, 64) || shell->address_bits < 32 || shell->address_bits > 64 ||
      !is_power(shell->burst, 1, 256))
    return MSQ_E_CAPABILITIES;
  return MSQ_OK;
}

/* ------------------------------------------------------------------------------------------------ jobs */

static uint64_t divided(uint64_t size, uint64_t unit) { return (size + unit - 1) / unit; }

/* Places of scales and values of an activation packet. */
typedef struct layout {
  uint64_t values, bytes;
} layout;

static layout layout_of(const msq_capabilities* c, uint64_t depth, uint64_t tokens, uint32_t log2_rows,
                        uint32_t log2_block) {
  layout all;
  all.values = divided(divided(depth, UINT64_C(1) << log2_block) * tokens, c->act_beat) * c->act_beat;
  all.bytes = all.values + divided(depth, UINT64_C(1) << log2_rows) * tokens * c->act_beat;
  return all;
}

static uint32_t log2_of(uint32_t power) {
  uint32_t result = 0;
  for (; power > 1; power >>= 1) ++result;
  return result;
}

/* `bytes` from an address on. */
static msq_status check_place(const msq_shell* shell, uint64_t address, uint64_t bytes, uint32_t unit) {
  const uint64_t end = UINT64_MAX >> (64 - shell->address_bits); /* the last byte */
  if (address % unit != 0) return MSQ_E_ALIGNMENT;
  return address > end || (bytes != 0 && bytes - 1 > end - address) ? MSQ_E_ADDRESS : MSQ_OK;
}

static msq_status check_outputs(const msq_capabilities* c, const msq_shell_job* job) {
  const layout next = layout_of(c, job->columns, job->tokens, log2_of(c->rows), LOG2_BLOCK);
  const uint64_t scales = divided(job->columns, BLOCK) * job->tokens;
  if (!job->activations) return MSQ_OK;
  if (job->format != (c->act_bits == 8 ? MSQ_MX8 : MSQ_MX4)) return MSQ_E_LAYOUT;
  if (job->values % c->act_beat != 0 || job->values < scales) return MSQ_E_LAYOUT;
  return job->output_bytes < job->values + (next.bytes - next.values) ? MSQ_E_LAYOUT : MSQ_OK;
}

msq_status msq_shell_check(const msq_shell* shell, const msq_shell_job* job) {
  const msq_capabilities* c;
  msq_job settings;
  msq_status status;
  if (shell == NULL || job == NULL) return MSQ_E_ARGUMENT;
  if (job->interrupt > 1 || job->wait > 1 || job->activations > 1) return MSQ_E_ARGUMENT;
  c = &shell->device.capabilities;
  settings.tokens = settings.pass_tokens = job->tokens;
  settings.depth = job->depth;
  settings.columns = job->columns;
  settings.log2_rows = job->log2_rows;
  settings.log2_block = job->log2_block;
  settings.format = job->format;
  status = msq_check_job(c, &settings);
  if (status != MSQ_OK) return status;
  if (job->weight_bytes == 0 || job->weight_bytes % c->weight_beat != 0) return MSQ_E_BEATS;
  if (job->activation_bytes == 0 || job->activation_bytes % c->act_beat != 0) return MSQ_E_BEATS;
  if (job->activation_bytes != layout_of(c, job->depth, job->tokens, job->log2_rows, job->log2_block).bytes)
    return MSQ_E_BUFFER;
  status = check_place(shell, job->weight_address, job->weight_bytes, shell->word_bytes);
  if (status == MSQ_OK)
    status = check_place(shell, job->activation_address, job->activation_bytes, shell->word_bytes);
  if (status == MSQ_OK)
    status = check_place(shell, job->output_address, job->output_bytes, shell->word_bytes);
  return status != MSQ_OK ? status : check_outputs(c, job);
}

msq_status msq_shell_list_open(msq_shell_list* list, const msq_shell* shell, void* memory, uint64_t address,
                               size_t bytes) {
  if (list == NULL || shell == NULL || memory == NULL) return MSQ_E_ARGUMENT;
  list->shell = shell;
  list->memory = memory;
  list->address = address;
  list->room = bytes / MSQ_DESCRIPTOR_BYTES;
  list->count = 0;
  return check_place(shell, address, bytes, MSQ_DESCRIPTOR_BYTES);
}

/* Byte by byte and volatile: the memory may be that of a device. */
static void put_word(volatile unsigned char* out, uint32_t word) {
  int i;
  for (i = 0; i < 4; ++i) out[i] = (unsigned char)(word >> 8 * i);
}

static uint32_t get_word(const volatile unsigned char* in) {
  return in[0] | (uint32_t)in[1] << 8 | (uint32_t)in[2] << 16 | (uint32_t)in[3] << 24;
}

static void put_address(volatile unsigned char* out, uint64_t address) {
  put_word(out, (uint32_t)address);
  put_word(out + 4, (uint32_t)(address >> 32));
}

static void clear_completion(unsigned char* descriptor) {
  int i;
  for (i = 0; i < 4; ++i) put_word(descriptor + COMPLETION + 4 * i, 0);
}

msq_status msq_shell_add(msq_shell_list* list, const msq_shell_job* job) {
  unsigned char* out;
  msq_status status;
  if (list == NULL) return MSQ_E_ARGUMENT;
  status = msq_shell_check(list->shell, job);
  if (status != MSQ_OK) return status;
  if (list->count == list->room || list->count == UINT32_MAX) return MSQ_E_LIST_FULL;
  out = list->memory + (size_t)list->count * MSQ_DESCRIPTOR_BYTES;
  put_word(out, MARKER | UINT32_C(1) << LAST | job->interrupt << INTERRUPT | job->wait << WAIT |
                    job->activations << ACTIVATIONS | job->format << FORMAT | job->log2_rows << LOG2_ROWS |
                    job->log2_block << LOG2_SCALE);
  put_word(out + 4, job->tokens);
  put_word(out + 8, job->depth);
  put_word(out + 12, job->columns);
  put_word(out + 16, job->weight_bytes);
  put_word(out + 20, job->activation_bytes);
  put_word(out + 24, job->output_bytes);
  put_word(out + 28, job->activations ? job->values : 0);
  put_address(out + 32, job->weight_address);
  put_address(out + 40, job->activation_address);
  put_address(out + 48, job->output_address);
  put_address(out + 56, 0);
  clear_completion(out);
  if (list->count != 0) {
    unsigned char* before = out - MSQ_DESCRIPTOR_BYTES;
    put_address(before + 56, list->address + (uint64_t)list->count * MSQ_DESCRIPTOR_BYTES);
    put_word(before, get_word(before) & ~(UINT32_C(1) << LAST));
  }
  ++list->count;
  return MSQ_OK;
}

/* ---------------------------------------------------------------------------------------------- layers */

/* Bytes up to the next word of the memory. */
static size_t whole_words(const msq_shell* shell, size_t bytes) {
  return (bytes + shell->word_bytes - 1) / shell->word_bytes * shell->word_bytes;
}

static layout outputs_as_activations(const msq_shell* shell, const msq_shell_layer* layer, uint32_t pass) {
  const msq_capabilities* c = &shell->device.capabilities;
  msq_job job;
  msq_pack_job(layer->pack, &job);
  return layout_of(c, job.columns, msq_pack_tokens(layer->pack, pass), log2_of(c->rows), LOG2_BLOCK);
}

static size_t output_bytes(const msq_shell* shell, const msq_shell_layer* layer, uint32_t pass) {
  return layer->chained ? (size_t)outputs_as_activations(shell, layer, pass).bytes
                        : msq_pack_output_bytes(layer->pack, pass);
}

size_t msq_shell_weight_offset(const msq_shell* shell, const msq_shell_layer* layer, uint32_t pass) {
  const uint32_t own = msq_pack_same_weights(layer->pack, pass);
  size_t bytes = 0;
  uint32_t p;
  for (p = 0; p < own; ++p)
    if (msq_pack_same_weights(layer->pack, p) == p)
      bytes += whole_words(shell, msq_pack_weight_bytes(layer->pack, p));
  return bytes;
}

size_t msq_shell_activation_offset(const msq_shell* shell, const msq_shell_layer* layer, uint32_t pass) {
  size_t bytes = 0;
  uint32_t p;
  for (p = 0; p < pass; ++p) bytes += whole_words(shell, msq_pack_activation_bytes(layer->pack, p));
  return bytes;
}

size_t msq_shell_output_offset(const msq_shell* shell, const msq_shell_layer* layer, uint32_t pass) {
  size_t bytes = 0;
  uint32_t p;
  for (p = 0; p < pass; ++p) bytes += whole_words(shell, output_bytes(shell, layer, p));
  return bytes;
}

msq_status msq_shell_put_weights(const msq_shell* shell, const msq_shell_layer* layer, uint8_t* out,
                                 size_t size) {
  msq_status status = MSQ_OK;
  uint32_t p, passes;
  if (shell == NULL || layer == NULL || layer->pack == NULL || out == NULL) return MSQ_E_ARGUMENT;
  passes = msq_pack_passes(layer->pack);
  if (size != msq_shell_weight_offset(shell, layer, passes)) return MSQ_E_BUFFER;
  for (p = 0; p < passes && status == MSQ_OK; ++p) {
    const size_t bytes = msq_pack_weight_bytes(layer->pack, p);
    if (msq_pack_same_weights(layer->pack, p) != p) continue;
    status = msq_pack_weights(layer->pack, p, out, bytes);
    out += whole_words(shell, bytes);
  }
  return status;
}

msq_status msq_shell_put_activations(const msq_shell* shell, const msq_shell_layer* layer,
                                     const int8_t* values, const int8_t* scales, uint8_t* out, size_t size) {
  msq_status status = MSQ_OK;
  uint32_t p, passes;
  if (shell == NULL || layer == NULL || layer->pack == NULL || out == NULL) return MSQ_E_ARGUMENT;
  passes = msq_pack_passes(layer->pack);
  if (size != msq_shell_activation_offset(shell, layer, passes)) return MSQ_E_BUFFER;
  for (p = 0; p < passes && status == MSQ_OK; ++p) {
    const size_t bytes = msq_pack_activation_bytes(layer->pack, p);
    status = msq_pack_activations(layer->pack, p, values, scales, out, bytes);
    out += whole_words(shell, bytes);
  }
  return status;
}

void msq_shell_job_of(const msq_shell* shell, const msq_shell_layer* layer, uint32_t pass,
                      msq_shell_job* job) {
  const msq_shell_layer* before = layer->before;
  msq_job settings;
  msq_pack_job(layer->pack, &settings);
  job->tokens = msq_pack_tokens(layer->pack, pass);
  job->depth = settings.depth;
  job->columns = settings.columns;
  job->log2_rows = settings.log2_rows;
  job->log2_block = settings.log2_block;
  job->format = settings.format;
  job->weight_bytes = (uint32_t)msq_pack_weight_bytes(layer->pack, pass);
  job->activation_bytes = (uint32_t)msq_pack_activation_bytes(layer->pack, pass);
  job->output_bytes = (uint32_t)output_bytes(shell, layer, pass);
  job->values = layer->chained ? (uint32_t)outputs_as_activations(shell, layer, pass).values : 0;
  job->weight_address = layer->weights + msq_shell_weight_offset(shell, layer, pass);
  job->activation_address = before != NULL
                                ? before->outputs + msq_shell_output_offset(shell, before, pass)
                                : layer->activations + msq_shell_activation_offset(shell, layer, pass);
  job->output_address = layer->outputs + msq_shell_output_offset(shell, layer, pass);
  job->interrupt = layer->interrupt && pass + 1 == msq_pack_passes(layer->pack);
  job->wait = before != NULL;
  job->activations = layer->chained != 0;
}

/* Whether the outputs of `before` are this layer's activations as its passes need them. */
static msq_status check_chain(const msq_shell* shell, const msq_shell_layer* layer) {
  msq_job from, to;
  if (layer->before == NULL) return MSQ_OK;
  if (layer->before->pack == NULL || !layer->before->chained) return MSQ_E_CHAIN;
  msq_pack_job(layer->before->pack, &from);
  msq_pack_job(layer->pack, &to);
  return from.tokens == to.tokens && from.pass_tokens == to.pass_tokens && from.columns == to.depth &&
                 to.log2_block == LOG2_BLOCK && to.log2_rows == log2_of(shell->device.capabilities.rows)
             ? MSQ_OK
             : MSQ_E_CHAIN;
}

msq_status msq_shell_add_layer(msq_shell_list* list, const msq_shell_layer* layer) {
  msq_shell_job job;
  msq_status status;
  uint32_t p, passes;
  if (list == NULL || layer == NULL || layer->pack == NULL) return MSQ_E_ARGUMENT;
  passes = msq_pack_passes(layer->pack);
  status = check_chain(list->shell, layer);
  for (p = 0; p < passes && status == MSQ_OK; ++p) {
    msq_shell_job_of(list->shell, layer, p, &job);
    status = msq_shell_check(list->shell, &job);
  }
  if (status != MSQ_OK) return status;
  if (passes > list->room - list->count) return MSQ_E_LIST_FULL;
  for (p = 0; p < passes && status == MSQ_OK; ++p) {
    msq_shell_job_of(list->shell, layer, p, &job);
    status = msq_shell_add(list, &job);
  }
  return status;
}

/* ----------------------------------------------------------------------------------------------- lists */

/* A pulse, with the interrupt's enable as it is. */
static void control(const msq_shell* shell, uint32_t pulse) {
  const uint32_t enable = get(shell, MSQ_SHELL_CONTROL) & BIT(MSQ_SHELL_CONTROL_INTERRUPT_ENABLE);
  put(shell, MSQ_SHELL_CONTROL, enable | pulse);
}

msq_status msq_shell_start(msq_shell_list* list) {
  uint32_t i;
  if (list == NULL || list->count == 0) return MSQ_E_ARGUMENT;
  if (FIELD(get(list->shell, MSQ_SHELL_STATUS), MSQ_SHELL_STATUS_BUSY)) return MSQ_E_BUSY;
  for (i = 0; i < list->count; ++i) clear_completion(list->memory + (size_t)i * MSQ_DESCRIPTOR_BYTES);
  put(list->shell, MSQ_SHELL_HEAD_LOW, (uint32_t)list->address);
  put(list->shell, MSQ_SHELL_HEAD_HIGH, (uint32_t)(list->address >> 32));
  control(list->shell, BIT(MSQ_SHELL_CONTROL_START));
  return MSQ_OK;
}

static uint32_t read_status(const msq_shell* shell, msq_shell_state* state) {
  const uint32_t word = get(shell, MSQ_SHELL_STATUS);
  state->busy = FIELD(word, MSQ_SHELL_STATUS_BUSY);
  state->done = FIELD(word, MSQ_SHELL_STATUS_DONE);
  state->error = FIELD(word, MSQ_SHELL_STATUS_ERROR);
  state->interrupt = FIELD(word, MSQ_SHELL_STATUS_INTERRUPT);
  state->code = FIELD(word, MSQ_SHELL_STATUS_CODE);
  return state->busy;
}

void msq_shell_read_state(const msq_shell* shell, msq_shell_state* state) {
  read_status(shell, state);
  state->finished = get(shell, MSQ_SHELL_FINISHED);
  state->cycles = get(shell, MSQ_SHELL_CYCLES);
  state->last = get(shell, MSQ_SHELL_LAST_LOW) | (uint64_t)get(shell, MSQ_SHELL_LAST_HIGH) << 32;
}

msq_status msq_shell_wait(const msq_shell* shell, uint32_t polls, void (*relax)(void* context), void* context,
                          msq_shell_state* state) {
  msq_shell_state own;
  uint32_t i;
  if (shell == NULL) return MSQ_E_ARGUMENT;
  if (state == NULL) state = &own;
  for (i = 0; i < polls; ++i) {
    if (!read_status(shell, state)) {
      msq_shell_read_state(shell, state);
      return state->error ? MSQ_E_JOB_ERROR : MSQ_OK;
    }
    if (relax != NULL) relax(context);
  }
  msq_shell_read_state(shell, state);
  return MSQ_E_TIMEOUT;
}

void msq_shell_stop(const msq_shell* shell) { control(shell, BIT(MSQ_SHELL_CONTROL_STOP)); }

void msq_shell_enable_interrupt(const msq_shell* shell, int enabled) {
  put(shell, MSQ_SHELL_CONTROL, enabled ? BIT(MSQ_SHELL_CONTROL_INTERRUPT_ENABLE) : 0);
}

void msq_shell_acknowledge(const msq_shell* shell) { control(shell, BIT(MSQ_SHELL_CONTROL_ACKNOWLEDGE)); }

msq_status msq_shell_read_completion(const msq_shell_list* list, uint32_t job,
                                     msq_shell_completion* completion) {
  const unsigned char* at;
  if (list == NULL || completion == NULL || job >= list->count) return MSQ_E_ARGUMENT;
  at = list->memory + (size_t)job * MSQ_DESCRIPTOR_BYTES + COMPLETION;
  completion->written = get_word(at) >> 31;
  completion->code = get_word(at) & 0xffU;
  completion->job = get_word(at + 4);
  completion->cycles = get_word(at + 8);
  return MSQ_OK;
}

/* In the order of their codes, from the first one of the shell's own on. */
static const struct {
  const char *name, *text;
} error_texts[] = {
    {"descriptor_read", "the memory answered the read of a descriptor with an error"},
    {"descriptor", "a descriptor without its marker or with fields out of range"},
    {"alignment", "an address inside a word of the memory or beyond it, or bytes that are not whole beats"},
    {"layout", "outputs that cannot be laid out as activations"},
    {"weight_read", "the memory answered a read of weights with an error"},
    {"activation_read", "the memory answered a read of activations with an error"},
    {"write", "the memory answered a write of outputs or of a completion with an error"},
    {"overflow", "there were more outputs than the descriptor has room for"},
    {"stopped", "the list was stopped, or the accelerator was cleared by somebody else"},
};
#define OWN_ERRORS (sizeof error_texts / sizeof error_texts[0])

const char* msq_shell_error_name(uint32_t code) {
  if (code < MSQ_SHELL_ERROR_DESCRIPTOR_READ) return msq_error_name(code);
  code -= MSQ_SHELL_ERROR_DESCRIPTOR_READ;
  return code < OWN_ERRORS ? error_texts[code].name : "unknown";
}

const char* msq_shell_error_text(uint32_t code) {
  if (code < MSQ_SHELL_ERROR_DESCRIPTOR_READ) return msq_error_text(code);
  code -= MSQ_SHELL_ERROR_DESCRIPTOR_READ;
  return code < OWN_ERRORS ? error_texts[code].text : msq_error_text(UINT32_MAX);
}
