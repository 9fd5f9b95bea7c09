/* SPDX-License-Identifier: Apache-2.0 */
/* Runs the chain of quantized layers that is in memory on the accelerator, from one start, and compares the
 * outputs of the last one with those that are in memory beside it. Without a heap and a C library, except
 * memcpy, memset and memcmp. */
#include <string.h>

#include "board.h"
#include "image.h"
#include "image_layer.h"
#include "msq_shell.h"

enum { WAITS = 1000, MOST_JOBS = 64 };

/* ------------------------------------------------------------------------------------------------ UART */

static void put_text(const char* text) {
  for (; *text != '\0'; ++text) board_write32(BOARD_UART, (unsigned char)*text);
}

static void put_number(uint64_t number, uint32_t base) {
  char digits[21];
  char* at = digits + sizeof digits;
  *--at = '\0';
  do {
    *--at = "0123456789abcdef"[number % base];
    number /= base;
  } while (number != 0);
  put_text(at);
}

/* Text, with each % in place of the next number. */
static void put(const char* text, uint64_t a, uint64_t b, uint64_t c) {
  const uint64_t numbers[] = {a, b, c};
  char letter[2] = {0, 0};
  size_t next = 0;
  for (; *text != '\0'; ++text) {
    letter[0] = *text;
    if (*text == '%' && next < 3) {
      put_number(numbers[next++], 10);
    } else {
      put_text(letter);
    }
  }
}

static int failed(const char* what, msq_status status) {
  put_text(what);
  put_text(": ");
  put_text(msq_status_name(status));
  put_text(", ");
  put_text(msq_status_text(status));
  put_text("\n");
  return 1;
}

/* ----------------------------------------------------------------------------------------------- memory */

static board_memory memory;
static msq_arena arena; /* behind the image */

/* Space whose bus address is a multiple of 128; null if there is no more. */
static unsigned char* take(size_t bytes) {
  const size_t used = (size_t)(arena.base - memory.data) + arena.used;
  const size_t skip =
      (MSQ_DESCRIPTOR_BYTES - (memory.address + used) % MSQ_DESCRIPTOR_BYTES) % MSQ_DESCRIPTOR_BYTES;
  unsigned char* space;
  bytes = (bytes + 15) / 16 * 16; /* the arena's pieces begin there */
  if (skip + bytes > arena.size - arena.used) return NULL;
  space = arena.base + arena.used + skip;
  arena.used += skip + bytes;
  return space;
}

static uint64_t bus_address(const unsigned char* at) { return memory.address + (uint64_t)(at - memory.data); }

/* -------------------------------------------------------------------------------------------- the chain */

static uint32_t read32(void* context, uint32_t offset) {
  (void)context;
  return board_read32(BOARD_ACCELERATOR + offset);
}

static void write32(void* context, uint32_t offset, uint32_t value) {
  (void)context;
  board_write32(BOARD_ACCELERATOR + offset, value);
}

static msq_shell shell;
static msq_shell_list list;
static msq_shell_layer layers[IMAGE_MOST_LAYERS];
static uint32_t last_job[IMAGE_MOST_LAYERS];
static unsigned char* outputs; /* of the last layer */

static msq_status open_layer(const image* all, uint32_t number, const msq_allocator* allocator,
                             msq_pack** pack) {
  const uint32_t act_bits = shell.device.capabilities.act_bits;
  msq_request request;
  const msq_layer layer = image_layer_of(all, number);
  request.tokens = all->tokens;
  request.act_bits = act_bits;
  request.block = 128;
  request.format = number + 1 == all->layers ? MSQ_FP32 : act_bits == 8 ? MSQ_MX8 : MSQ_MX4;
  request.pass_tokens = all->tokens < 16 ? all->tokens : 16; /* as many in all layers */
  return msq_pack_open(pack, &shell.device.capabilities, &layer, &request, allocator);
}

static msq_status put_inputs(const image* all, msq_shell_layer* layer) {
  const size_t k = all->layer[0].k, blocks = (k + 127) / 128;
  const size_t bytes = msq_shell_activation_offset(&shell, layer, msq_pack_passes(layer->pack));
  int8_t* values = (int8_t*)take(all->tokens * k);
  int8_t* scales = (int8_t*)take(all->tokens * blocks);
  unsigned char* packets = take(bytes);
  msq_status status;
  if (values == NULL || scales == NULL || packets == NULL) return MSQ_E_NO_MEMORY;
  status = msq_quantize((const float*)(const void*)(memory.data + all->inputs.offset), NULL, all->tokens, k,
                        shell.device.capabilities.act_bits, 128, values, scales);
  if (status != MSQ_OK) return status;
  layer->activations = bus_address(packets);
  return msq_shell_put_activations(&shell, layer, values, scales, packets, bytes);
}

/* Packets of a layer, room for its outputs, and its jobs. */
static msq_status add_layer(const image* all, uint32_t number, const msq_allocator* allocator) {
  msq_shell_layer* layer = &layers[number];
  unsigned char *weights, *room;
  msq_status status;
  msq_pack* pack;
  uint32_t passes;
  size_t bytes;
  status = open_layer(all, number, allocator, &pack);
  if (status != MSQ_OK) return status;
  memset(layer, 0, sizeof *layer);
  layer->pack = pack;
  layer->before = number == 0 ? NULL : layer - 1;
  layer->chained = number + 1 != all->layers;
  passes = msq_pack_passes(pack);
  bytes = msq_shell_weight_offset(&shell, layer, passes);
  weights = take(bytes);
  room = take(msq_shell_output_offset(&shell, layer, passes));
  if (weights == NULL || room == NULL) return MSQ_E_NO_MEMORY;
  layer->weights = bus_address(weights);
  layer->outputs = bus_address(room);
  outputs = room;
  status = msq_shell_put_weights(&shell, layer, weights, bytes);
  if (status == MSQ_OK && number == 0) status = put_inputs(all, layer);
  if (status == MSQ_OK) status = msq_shell_add_layer(&list, layer);
  last_job[number] = list.count - 1;
  put("layer %: K %, N ", number, all->layer[number].k, 0);
  put("%, % passes, % bytes of weights at 0x", all->layer[number].n, passes, bytes);
  put_number(layer->weights, 16);
  put_text("\n");
  return status;
}

static msq_status run(msq_shell_state* state) {
  uint32_t wait;
  msq_status status;
  msq_shell_enable_interrupt(&shell, 1);
  status = msq_shell_start(&list);
  if (status != MSQ_OK) return status;
  for (wait = 0; wait < WAITS; ++wait) {
    board_wait_for_interrupt();
    msq_shell_acknowledge(&shell); /* first, so that no end is missed */
    msq_shell_read_state(&shell, state);
    if (state->error) return MSQ_E_JOB_ERROR;
    if (!state->busy) return MSQ_OK;
  }
  msq_shell_stop(&shell);
  return MSQ_E_TIMEOUT;
}

/* Cycles from the end of a layer to that of the next. */
static void put_cycles(uint32_t count) {
  msq_shell_completion end;
  uint32_t before = 0, i;
  for (i = 0; i < count; ++i) {
    if (msq_shell_read_completion(&list, last_job[i], &end) != MSQ_OK || !end.written) return;
    put("layer %: % cycles\n", i, end.cycles - before, 0);
    before = end.cycles;
  }
}

/* Bits of the outputs, not their values: zeros have signs. */
static int check(const image* all) {
  const msq_shell_layer* layer = &layers[all->layers - 1];
  const size_t count = (size_t)all->tokens * all->layer[all->layers - 1].n;
  const unsigned char* expected = memory.data + all->outputs.offset;
  float* y = (float*)(void*)take(count * sizeof *y);
  uint32_t p;
  size_t i;
  msq_status status = y == NULL ? MSQ_E_NO_MEMORY : MSQ_OK;
  for (p = 0; p < msq_pack_passes(layer->pack) && status == MSQ_OK; ++p)
    status = msq_read_fp32(layer->pack, p, outputs + msq_shell_output_offset(&shell, layer, p),
                           msq_pack_output_bytes(layer->pack, p), y);
  if (status != MSQ_OK) return failed("outputs", status);
  for (i = 0; i < count; ++i) {
    if (memcmp(&y[i], expected + i * sizeof *y, sizeof *y) == 0) continue;
    put("output % of %: wrong\n", i, count, 0);
    return 1;
  }
  put("% outputs: as expected\n", count, 0, 0);
  return 0;
}

int program(void) {
  const msq_io io = {read32, write32, NULL};
  const image* all;
  msq_allocator allocator;
  msq_shell_state state;
  msq_status status;
  unsigned char* descriptors;
  uint32_t i;
  memory = board_main_memory();
  all = (const image*)(const void*)memory.data;
  if (all->magic != IMAGE_MAGIC || all->layers == 0 || all->layers > IMAGE_MOST_LAYERS) {
    put_text("no image in memory\n");
    return 1;
  }
  allocator = msq_arena_allocator(&arena, memory.data + all->bytes, memory.bytes - all->bytes);
  status = msq_shell_open(&shell, &io);
  if (status != MSQ_OK) return failed("accelerator", status);
  put("accelerator: % x % PEs, ", shell.device.capabilities.rows, shell.device.capabilities.cols, 0);
  put("words of % bytes, % address bits, % tokens\n", shell.word_bytes, shell.address_bits, all->tokens);
  descriptors = take((size_t)MOST_JOBS * MSQ_DESCRIPTOR_BYTES);
  if (descriptors == NULL) return failed("list", MSQ_E_NO_MEMORY);
  status = msq_shell_list_open(&list, &shell, descriptors, bus_address(descriptors),
                               (size_t)MOST_JOBS * MSQ_DESCRIPTOR_BYTES);
  for (i = 0; i < all->layers && status == MSQ_OK; ++i) status = add_layer(all, i, &allocator);
  if (status != MSQ_OK) return failed("list", status);
  status = run(&state);
  put_cycles(all->layers);
  if (status == MSQ_E_JOB_ERROR) {
    put("job %: error %, ", state.finished, state.code, 0);
    put_text(msq_shell_error_name(state.code));
    put_text(": ");
    put_text(msq_shell_error_text(state.code));
    put_text("\n");
    return 1;
  }
  if (status != MSQ_OK) return failed("run", status);
  put("list: % jobs, % cycles\n", state.finished, state.cycles, 0);
  return check(all);
}
