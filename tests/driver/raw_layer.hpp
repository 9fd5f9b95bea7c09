#pragma once

#include "golden/quantize/packing.hpp"
#include "golden/tensor.hpp"
#include "msq_pack.h"

namespace msq::tests {

/// A layer as it is stored, for the driver. The tensors stay with this object.
class RawLayer {
 public:
  explicit RawLayer(const golden::QuantizedTensor& tensor);
  RawLayer(const RawLayer&) = delete;
  RawLayer& operator=(const RawLayer&) = delete;
  [[nodiscard]] const msq_layer& get() const { return layer_; }
  [[nodiscard]] golden::PackedTensor& packed() { return packed_; }
  /// Points the layer at packed() again, after a change of its sizes.
  void refresh();

 private:
  golden::PackedTensor packed_;
  msq_layer layer_{};
};

/// malloc and free; counts the bytes in use.
class Heap {
 public:
  [[nodiscard]] const msq_allocator* get() const { return &allocator_; }
  [[nodiscard]] std::size_t in_use() const { return in_use_; }
  /// Number of the allocation that gives nothing, from 0 on; -1: none.
  void fail_at(int number) { left_ = number; }

 private:
  static void* allocate(void* context, std::size_t size);
  static void release(void* context, void* memory, std::size_t size);
  msq_allocator allocator_{allocate, release, this};
  std::size_t in_use_ = 0;
  int left_ = -1;
};

}  // namespace msq::tests
