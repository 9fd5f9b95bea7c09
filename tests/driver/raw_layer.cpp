#include "tests/driver/raw_layer.hpp"

#include <cstdlib>

namespace msq::tests {
namespace {

template <class Byte>
msq_tensor tensor_of(const std::vector<Byte>& bytes) {
  return {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()};
}

}  // namespace

RawLayer::RawLayer(const golden::QuantizedTensor& tensor) : packed_(golden::pack(tensor)) { refresh(); }

void RawLayer::refresh() {
  const auto u = [](auto value) { return static_cast<std::uint32_t>(value); };
  const golden::Format& f = packed_.format;
  layer_.k = u(packed_.k);
  layer_.n = u(packed_.n);
  layer_.bits = u(f.bits);
  layer_.micro_block = u(f.micro_block);
  layer_.macro_block = u(f.macro_block);
  layer_.axis = packed_.axis == golden::Axis::output ? MSQ_AXIS_OUTPUT : MSQ_AXIS_REDUCTION;
  layer_.full_range = f.encoding == golden::Encoding::full_range;
  layer_.list_entries = u(f.list_entries);
  layer_.shift_bits = u(f.shift_bits);
  layer_.fraction_bits = u(f.fraction_bits);
  layer_.scale_mantissa_bits = u(f.scale_mantissa_bits);
  layer_.identifier_group = u(f.identifier_group);
  layer_.codes = tensor_of(packed_.codes);
  layer_.identifiers = tensor_of(packed_.identifiers);
  layer_.identifier_masks = tensor_of(packed_.identifier_masks);
  layer_.mx_scales = tensor_of(packed_.shifts);
  layer_.lists = tensor_of(packed_.lists);
  layer_.scales = tensor_of(packed_.scales);
  layer_.scale_mantissas = tensor_of(packed_.scale_mantissas);
}

void* Heap::allocate(void* context, std::size_t size) {
  Heap& heap = *static_cast<Heap*>(context);
  if (heap.left_ == 0) return nullptr;
  if (heap.left_ > 0) --heap.left_;
  heap.in_use_ += size;
  return std::malloc(size > 0 ? size : 1);
}

void Heap::release(void* context, void* memory, std::size_t size) {
  static_cast<Heap*>(context)->in_use_ -= size;
  std::free(memory);
}

}  // namespace msq::tests
