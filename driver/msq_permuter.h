/* SPDX-License-Identifier: Apache-2.0 */
/* Of the packer alone: settings of the permuter of activations (docs/reference/streams.md). */
#ifndef MSQ_PERMUTER_H
#define MSQ_PERMUTER_H

#include "msq_plan.h"

/* Of a network of 256 places with 7 stages, or of a Benes network of 128. */
enum { MSQ_MOST_SWITCHES = 1024 };

/* Number of switches, bits of the part. */
uint32_t msq_switches(const msq_pack* pack);
/* Setting of each for an order of all places. */
void msq_settings(const msq_pack* pack, const uint8_t* order, uint8_t settings[MSQ_MOST_SWITCHES]);

#endif
