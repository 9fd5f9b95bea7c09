/* SPDX-License-Identifier: Apache-2.0 */
/* A layer from floats to floats (docs/reference/soc.md walks through it). */
#include "run_layer.h"

enum { POLLS = 1000000 };

static void* take(const msq_allocator* memory, size_t size) {
  return memory->allocate(memory->context, size);
}

/* Packets of a pass, and room for its outputs. */
static msq_status fill_pass(const msq_pack* pack, uint32_t number, const int8_t* values, const int8_t* scales,
                            const msq_allocator* memory, msq_pass* pass) {
  msq_status status;
  uint8_t *weights, *activations;
  pass->weight_bytes = msq_pack_weight_bytes(pack, number);
  pass->activation_bytes = msq_pack_activation_bytes(pack, number);
  pass->output_bytes = msq_pack_output_bytes(pack, number);
  pass->weights = weights = take(memory, pass->weight_bytes);
  pass->activations = activations = take(memory, pass->activation_bytes);
  pass->outputs = take(memory, pass->output_bytes);
  if (weights == NULL || activations == NULL || pass->outputs == NULL) return MSQ_E_NO_MEMORY;
  status = msq_pack_weights(pack, number, weights, pass->weight_bytes);
  if (status != MSQ_OK) return status;
  return msq_pack_activations(pack, number, values, scales, activations, pass->activation_bytes);
}

static msq_status run_packed(msq_device* device, const msq_transport* transport, const msq_pack* pack,
                             const int8_t* values, const int8_t* scales, const msq_allocator* memory,
                             float* y, msq_state* state) {
  const uint32_t count = msq_pack_passes(pack);
  msq_pass* passes = take(memory, count * sizeof *passes);
  msq_status status = passes == NULL ? MSQ_E_NO_MEMORY : MSQ_OK;
  msq_job job;
  uint32_t p;
  for (p = 0; p < count && status == MSQ_OK; ++p)
    status = fill_pass(pack, p, values, scales, memory, &passes[p]);
  if (status != MSQ_OK) return status;
  msq_pack_job(pack, &job);
  status = msq_run(device, transport, &job, passes, count, POLLS, state);
  for (p = 0; p < count && status == MSQ_OK; ++p)
    status = msq_read_fp32(pack, p, passes[p].outputs, passes[p].output_bytes, y);
  return status;
}

msq_status run_layer(msq_device* device, const msq_transport* transport, const msq_layer* layer,
                     const float* x, uint32_t tokens, float* y, void* memory, size_t size, msq_state* state) {
  const uint32_t block = layer->macro_block, groups = (layer->k + block - 1) / block;
  msq_arena arena;
  const msq_allocator allocator = msq_arena_allocator(&arena, memory, size);
  int8_t* values = take(&allocator, (size_t)tokens * layer->k);
  int8_t* scales = take(&allocator, (size_t)tokens * groups);
  msq_request request;
  msq_pack* pack;
  msq_status status;
  if (values == NULL || scales == NULL) return MSQ_E_NO_MEMORY;
  request.tokens = tokens;
  request.act_bits = device->capabilities.act_bits;
  request.block = block;
  request.format = MSQ_FP32;
  request.pass_tokens = 0; /* as many as fit */
  status = msq_quantize(x, NULL, tokens, layer->k, request.act_bits, block, values, scales);
  if (status != MSQ_OK) return status;
  status = msq_pack_open(&pack, &device->capabilities, layer, &request, &allocator);
  if (status != MSQ_OK) return status;
  status = run_packed(device, transport, pack, values, scales, &allocator, y, state);
  msq_pack_close(pack);
  return status;
}
