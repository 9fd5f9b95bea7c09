/* SPDX-License-Identifier: Apache-2.0 */
/* A layer of the image as the driver takes it. Its tensors stay where they are. */
#ifndef SOC_IMAGE_LAYER_H
#define SOC_IMAGE_LAYER_H

#include <stddef.h>

#include "image.h"
#include "msq_pack.h"

static msq_tensor image_tensor_of(const image* all, image_tensor in) {
  msq_tensor out;
  out.data = in.bytes == 0 ? NULL : (const unsigned char*)all + in.offset;
  out.bytes = in.bytes;
  return out;
}

static msq_layer image_layer_of(const image* all, uint32_t number) {
  const image_layer* in = &all->layer[number];
  msq_layer out;
  out.k = in->k;
  out.n = in->n;
  out.bits = in->bits;
  out.micro_block = in->micro_block;
  out.macro_block = in->macro_block;
  out.axis = in->axis;
  out.full_range = in->full_range;
  out.list_entries = in->list_entries;
  out.shift_bits = in->shift_bits;
  out.fraction_bits = in->fraction_bits;
  out.scale_mantissa_bits = in->scale_mantissa_bits;
  out.identifier_group = in->identifier_group;
  out.codes = image_tensor_of(all, in->codes);
  out.identifiers = image_tensor_of(all, in->identifiers);
  out.identifier_masks = image_tensor_of(all, in->identifier_masks);
  out.mx_scales = image_tensor_of(all, in->mx_scales);
  out.lists = image_tensor_of(all, in->lists);
  out.scales = image_tensor_of(all, in->scales);
  out.scale_mantissas = image_tensor_of(all, in->scale_mantissas);
  return out;
}

#endif
