/* SPDX-License-Identifier: Apache-2.0 */
#include "msq_driver.h"

#include "msq_registers.h"

#define FIELD(word, name) ((word) >> name##_LSB & (uint32_t)((UINT64_C(1) << name##_WIDTH) - 1))
#define BIT(name) (UINT32_C(1) << name##_LSB)

#define MOST_24 UINT32_C(0xffffff)
#define MOST_TILES_ALONG_K UINT32_C(1024)

const char* msq_status_name(msq_status status) {
#define MSQ_CASE(name, text) \
  case name:                 \
    return #name;
  switch (status) {
    MSQ_STATUS_LIST(MSQ_CASE)
    case MSQ_STATUS_COUNT:
      break;
  }
#undef MSQ_CASE
  return "MSQ_E_ARGUMENT";
}

const char* msq_status_text(msq_status status) {
#define MSQ_CASE(name, text) \
  case name:                 \
    return text;
  switch (status) {
    MSQ_STATUS_LIST(MSQ_CASE)
    case MSQ_STATUS_COUNT:
      break;
  }
#undef MSQ_CASE
  return msq_status_text(MSQ_E_ARGUMENT);
}

/* ------------------------------------------------------------------------------------------- registers */

static uint32_t read_memory(void* context, uint32_t offset) {
  return ((volatile uint32_t*)context)[offset / 4];
}

static void write_memory(void* context, uint32_t offset, uint32_t value) {
  ((volatile uint32_t*)context)[offset / 4] = value;
}

msq_io msq_io_memory(volatile void* base) {
  msq_io io;
  io.read32 = read_memory;
  io.write32 = write_memory;
  /* The accesses above are volatile again. */
  io.context = (void*)(uintptr_t)base;
  return io;
}

static uint32_t get(const msq_io* io, uint32_t offset) { return io->read32(io->context, offset); }

static void put(const msq_io* io, uint32_t offset, uint32_t value) {
  io->write32(io->context, offset, value);
}

static int is_power(uint32_t value, uint32_t low, uint32_t high) {
  return value >= low && value <= high && (value & (value - 1)) == 0;
}

static void decode_array(const msq_io* io, msq_capabilities* c) {
  const uint32_t array = get(io, MSQ_ARRAY);
  const uint32_t buffers = get(io, MSQ_BUFFERS);
  c->rows = FIELD(array, MSQ_ARRAY_ROWS);
  c->cols = FIELD(array, MSQ_ARRAY_COLS);
  c->mode2 = FIELD(array, MSQ_ARRAY_MODE2);
  c->mode4 = FIELD(array, MSQ_ARRAY_MODE4);
  c->row_align_bits = FIELD(array, MSQ_ARRAY_ROW_ALIGN_BITS);
  c->micro_block = FIELD(array, MSQ_ARRAY_MICRO_BLOCK);
  c->act_bits = 4 * FIELD(array, MSQ_ARRAY_ACT_NIBBLES);
  c->tokens = FIELD(buffers, MSQ_BUFFERS_TOKENS);
  c->act_words = UINT32_C(1) << FIELD(buffers, MSQ_BUFFERS_LOG2_ACT_WORDS);
  c->output_lanes = FIELD(buffers, MSQ_BUFFERS_OUTPUT_LANES);
}

static void decode_path(const msq_io* io, msq_capabilities* c) {
  const uint32_t path = get(io, MSQ_PATH);
  c->path = FIELD(path, MSQ_PATH_KIND);
  c->places = UINT32_C(1) << FIELD(path, MSQ_PATH_LOG2_PLACES);
  c->band_rows = UINT32_C(1) << FIELD(path, MSQ_PATH_LOG2_BAND_ROWS);
  c->units = UINT32_C(1) << FIELD(path, MSQ_PATH_LOG2_UNITS);
  c->weight_rows = UINT32_C(1) << FIELD(path, MSQ_PATH_LOG2_WEIGHT_ROWS);
  c->lead = FIELD(path, MSQ_PATH_LEAD);
  c->permuter = FIELD(path, MSQ_PATH_PERMUTER);
}

static void decode_weights(const msq_io* io, msq_capabilities* c) {
  const uint32_t weights = get(io, MSQ_WEIGHTS);
  const uint32_t beats = get(io, MSQ_BEATS);
  const uint32_t block = get(io, MSQ_BLOCK);
  c->full_range = FIELD(weights, MSQ_WEIGHTS_FULL_RANGE);
  c->fraction_bits = FIELD(weights, MSQ_WEIGHTS_FRACTION_BITS);
  c->scale_mantissa_bits = FIELD(weights, MSQ_WEIGHTS_SCALE_MANTISSA_BITS);
  c->list_entries = FIELD(weights, MSQ_WEIGHTS_LIST_ENTRIES);
  c->shift_max = FIELD(weights, MSQ_WEIGHTS_SHIFT_MAX);
  c->acc_bits = FIELD(weights, MSQ_WEIGHTS_ACC_BITS);
  c->accumulator_bits = FIELD(get(io, MSQ_ACCUMULATORS), MSQ_ACCUMULATORS_BITS);
  c->weight_beat = FIELD(beats, MSQ_BEATS_WEIGHTS);
  c->act_beat = FIELD(beats, MSQ_BEATS_ACTIVATIONS);
  c->section_beats = FIELD(block, MSQ_BLOCK_SECTIONS);
  c->entry_beats = FIELD(block, MSQ_BLOCK_ENTRIES);
  c->errors = FIELD(get(io, MSQ_ERRORS), MSQ_ERRORS_CODES);
}

static int are_sizes_consistent(const msq_capabilities* c) {
  const uint32_t row_bytes = c->cols / 2;
  const uint32_t beat = c->weight_rows * row_bytes < 4 ? 4 : c->weight_rows * row_bytes;
  return is_power(c->rows, 4, 128) && is_power(c->cols, 4, 128) && (c->mode2 || c->mode4) &&
         (c->act_bits == 4 || c->act_bits == 8) && is_power(c->tokens, 1, 1024) &&
         c->act_words >= c->places && is_power(c->output_lanes, 1, 32) && c->weight_rows < c->rows &&
         c->weight_beat == beat && c->act_beat * 8 == c->rows * c->act_bits && c->section_beats != 0;
}

static int is_path_consistent(const msq_capabilities* c) {
  const int recon = c->path == MSQ_PATH_IS_RECON;
  const int outliers = recon || c->path == MSQ_PATH_IS_INLINE;
  if (c->path > MSQ_PATH_IS_INLINE || c->places != (c->mode2 && !recon ? 2U : 1U)) return 0;
  if (c->band_rows > c->rows || (recon && c->band_rows * c->units != c->rows)) return 0;
  if (!outliers) return c->micro_block == 0;
  return is_power(c->micro_block, 4, 16) && is_power(c->list_entries, 1, c->micro_block / 2) &&
         c->entry_beats != 0;
}

static int are_weights_consistent(const msq_capabilities* c) {
  if (c->acc_bits < 2 || c->acc_bits > 62 || c->accumulator_bits < c->acc_bits) return 0;
  if (!c->full_range) return c->fraction_bits == 2 && c->scale_mantissa_bits == 0;
  return (c->fraction_bits == 1 || c->fraction_bits == 2) && c->scale_mantissa_bits <= 3;
}

msq_status msq_read_capabilities(const msq_io* io, msq_capabilities* capabilities) {
  uint32_t version;
  msq_capabilities* c = capabilities;
  if (io == NULL || c == NULL || io->read32 == NULL || io->write32 == NULL) return MSQ_E_ARGUMENT;
  if (get(io, MSQ_ID) != UINT32_C(0x4d535131)) return MSQ_E_NO_DEVICE;
  version = get(io, MSQ_VERSION);
  c->stream_version = FIELD(version, MSQ_VERSION_STREAMS);
  if (c->stream_version != 2) return MSQ_E_STREAM_VERSION;
  c->version_major = FIELD(version, MSQ_VERSION_MAJOR);
  c->version_minor = FIELD(version, MSQ_VERSION_MINOR);
  c->version_patch = FIELD(version, MSQ_VERSION_PATCH);
  c->config_hash = get(io, MSQ_CONFIG_HASH);
  decode_array(io, c);
  decode_path(io, c);
  decode_weights(io, c);
  if (!are_sizes_consistent(c) || !is_path_consistent(c) || !are_weights_consistent(c))
    return MSQ_E_CAPABILITIES;
  return MSQ_OK;
}

/* ------------------------------------------------------------------------------------------------ jobs */

msq_status msq_open(msq_device* device, const msq_io* io) {
  if (device == NULL || io == NULL) return MSQ_E_ARGUMENT;
  device->io = *io;
  return msq_read_capabilities(io, &device->capabilities);
}

msq_status msq_check_job(const msq_capabilities* capabilities, const msq_job* job) {
  const msq_capabilities* c = capabilities;
  uint32_t tiles, words, tokens;
  if (c == NULL || job == NULL) return MSQ_E_ARGUMENT;
  if (job->tokens == 0 || job->depth == 0 || job->columns == 0) return MSQ_E_SHAPE;
  if (job->tokens > MOST_24 || job->depth > MOST_24 || job->columns > MOST_24) return MSQ_E_SHAPE;
  if (job->format > MSQ_MX4) return MSQ_E_FORMAT;
  if (job->log2_block < 5 || job->log2_block > 7) return MSQ_E_ACTIVATION_BLOCK;
  if (job->log2_rows < 2 || job->log2_rows > job->log2_block) return MSQ_E_TILING;
  if ((UINT32_C(1) << job->log2_rows) > c->rows) return MSQ_E_TILING;
  tiles = ((job->depth - 1) >> job->log2_rows) + 1;
  words = (tiles + c->places - 1) / c->places * c->places;
  if (tiles > MOST_TILES_ALONG_K || words > c->act_words) return MSQ_E_DEPTH;
  if (job->pass_tokens == 0 || job->pass_tokens > c->tokens) return MSQ_E_PASS_TOKENS;
  tokens = job->pass_tokens < job->tokens ? job->pass_tokens : job->tokens;
  return tokens > c->act_words / words ? MSQ_E_PASS_TOKENS : MSQ_OK;
}

/* A pulse, with the interrupt's enable as it is. */
static void control(msq_device* device, uint32_t pulse) {
  const uint32_t enable = get(&device->io, MSQ_CONTROL) & BIT(MSQ_CONTROL_INTERRUPT_ENABLE);
  put(&device->io, MSQ_CONTROL, enable | pulse);
}

msq_status msq_start(msq_device* device, const msq_job* job) {
  msq_state state;
  msq_status status;
  if (device == NULL) return MSQ_E_ARGUMENT;
  status = msq_check_job(&device->capabilities, job);
  if (status != MSQ_OK) return status;
  msq_read_state(device, &state);
  if (state.error) return MSQ_E_STOPPED;
  if (state.queued) return MSQ_E_QUEUE_FULL;
  put(&device->io, MSQ_TOKENS, job->tokens);
  put(&device->io, MSQ_DEPTH, job->depth);
  put(&device->io, MSQ_COLUMNS, job->columns);
  put(&device->io, MSQ_PASS, job->pass_tokens);
  put(&device->io, MSQ_TILING,
      job->log2_rows << MSQ_TILING_LOG2_ROWS_LSB | job->log2_block << MSQ_TILING_LOG2_BLOCK_LSB);
  put(&device->io, MSQ_FORMAT, job->format);
  control(device, BIT(MSQ_CONTROL_START));
  return MSQ_OK;
}

void msq_read_state(msq_device* device, msq_state* state) {
  const uint32_t word = get(&device->io, MSQ_STATUS);
  state->busy = FIELD(word, MSQ_STATUS_BUSY);
  state->done = FIELD(word, MSQ_STATUS_DONE);
  state->error = FIELD(word, MSQ_STATUS_ERROR);
  state->interrupt = FIELD(word, MSQ_STATUS_INTERRUPT);
  state->queued = FIELD(word, MSQ_STATUS_QUEUED);
  state->code = FIELD(word, MSQ_STATUS_CODE);
}

msq_status msq_wait(msq_device* device, uint32_t polls, void (*relax)(void* context), void* context,
                    msq_state* state) {
  msq_state own;
  uint32_t i;
  if (device == NULL) return MSQ_E_ARGUMENT;
  if (state == NULL) state = &own;
  for (i = 0; i < polls; ++i) {
    msq_read_state(device, state);
    if (state->error) return MSQ_E_JOB_ERROR;
    if (!state->busy) return MSQ_OK;
    if (relax != NULL) relax(context);
  }
  return MSQ_E_TIMEOUT;
}

/* In the order of their codes. */
static const struct {
  const char *name, *text;
} error_texts[] = {
    {"none", "no error"},
    {"shape", "the settings are not legal, or more than the buffers hold"},
    {"weight_short", "the weight packet of a pass ended early"},
    {"weight_long", "the weight packet of a pass goes on beyond its end"},
    {"header", "a header or description of the weight packet, or a count of beats in it, is wrong"},
    {"mode", "a tile's mode is not supported or changes where it must not"},
    {"scale", "a relative scale of weights or a row shift is out of range"},
    {"activation_short", "the activation packet of a pass ended early"},
    {"activation_long", "the activation packet of a pass goes on beyond its end"},
    {"activation_value", "an activation is the most negative number"},
    {"list", "the outliers of a micro-block are not legal"},
    {"slot_clash", "two outliers or rows needed one unit"},
    {"gap", "a tile began too early"},
    {"array", "the weight packet is for another configuration, or the stream is out of step"},
};

const char* msq_error_name(uint32_t code) {
  return code < sizeof error_texts / sizeof error_texts[0] ? error_texts[code].name : "unknown";
}

const char* msq_error_text(uint32_t code) {
  return code < sizeof error_texts / sizeof error_texts[0] ? error_texts[code].text
                                                           : "an error that this library does not know";
}

uint32_t msq_jobs(msq_device* device) { return get(&device->io, MSQ_JOBS); }

void msq_read_counters(msq_device* device, msq_counters* counters) {
  const msq_io* io = &device->io;
  counters->cycles = get(io, MSQ_COUNT_CYCLES);
  counters->tokens = get(io, MSQ_COUNT_TOKENS);
  counters->tiles = get(io, MSQ_COUNT_TILES);
  counters->wait_output = get(io, MSQ_COUNT_WAIT_OUTPUT);
  counters->wait_activation = get(io, MSQ_COUNT_WAIT_ACTIVATION);
  counters->wait_weight = get(io, MSQ_COUNT_WAIT_WEIGHT);
  counters->wait_schedule = get(io, MSQ_COUNT_WAIT_SCHEDULE);
  counters->recon_accesses = get(io, MSQ_COUNT_RECON_ACCESSES);
  counters->recon_waits = get(io, MSQ_COUNT_RECON_WAITS);
}

void msq_clear(msq_device* device) { control(device, BIT(MSQ_CONTROL_CLEAR)); }

void msq_enable_interrupt(msq_device* device, int enabled) {
  put(&device->io, MSQ_CONTROL, enabled ? BIT(MSQ_CONTROL_INTERRUPT_ENABLE) : 0);
}

void msq_acknowledge(msq_device* device) { control(device, BIT(MSQ_CONTROL_ACKNOWLEDGE)); }

/* -------------------------------------------------------------------------------------------- transport */

static msq_status move(const msq_transport* transport, const msq_pass* passes, size_t count) {
  size_t i;
  for (i = 0; i < count; ++i) {
    const msq_status status = transport->queue(transport->context, &passes[i]);
    if (status != MSQ_OK) return status;
  }
  return transport->finish(transport->context);
}

msq_status msq_run(msq_device* device, const msq_transport* transport, const msq_job* job,
                   const msq_pass* passes, size_t count, uint32_t polls, msq_state* state) {
  msq_state own;
  msq_status status, ended;
  if (state == NULL) state = &own;
  if (device == NULL || transport == NULL || passes == NULL || count == 0) return MSQ_E_ARGUMENT;
  status = msq_start(device, job);
  if (status != MSQ_OK) return status;
  status = move(transport, passes, count);
  /* An error of the accelerator is the cause of one of the transport. */
  ended = msq_wait(device, status == MSQ_OK ? polls : 1, NULL, NULL, state);
  if (ended == MSQ_E_JOB_ERROR || status == MSQ_OK) status = ended;
  if (status == MSQ_OK) return MSQ_OK;
  transport->abort(transport->context);
  msq_clear(device);
  return status;
}
