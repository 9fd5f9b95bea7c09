/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MSQ_EXAMPLES_RUN_LAYER_H
#define MSQ_EXAMPLES_RUN_LAYER_H

#include "msq_pack.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Y [tokens][N] = X [tokens][K] times a layer, without a heap: all data are in `memory`. `state` has the
 * accelerator's error after MSQ_E_JOB_ERROR. */
msq_status run_layer(msq_device* device, const msq_transport* transport, const msq_layer* layer,
                     const float* x, uint32_t tokens, float* y, void* memory, size_t size, msq_state* state);

#ifdef __cplusplus
}
#endif

#endif
