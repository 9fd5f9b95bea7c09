#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "golden/io/safetensors.hpp"
#include "golden/quantize/packing.hpp"
#include "golden/tensor.hpp"
#include "support/result.hpp"

namespace msq::golden {

/// Version of docs/reference/numerics.md that gives the stored tensors their meaning.
inline constexpr std::string_view kContractVersion = "1";

/// A quantized weight matrix and the name of its layer, such as "encoder.layer.0.intermediate.dense".
struct QuantizedLayer {
  std::string name;
  QuantizedTensor tensor;
  /// [k], > 0: activations are divided by them before they are quantized (golden/quantize/migration.hpp).
  /// Empty: they are not.
  std::vector<float> input_scales = {};
};

/// golden::effective_bits of the tensor, with the input scales (32 bits each) among the stored bits.
[[nodiscard]] EffectiveBits effective_bits(const QuantizedLayer& layer);

/// Bytes of a .safetensors file with the layers, packed (golden/quantize/packing.hpp). For each layer L the
/// tensors
///   L.codes        U8 [k][bytes per row]
///   L.identifiers  U8 [bytes]
///   L.mx_scales    U8 [micro-blocks with outliers]
///   L.lists        U8 [micro-blocks with outliers][bytes per list]
///   L.scales       I8, Isf: [groups][n] (axis reduction) or [k][groups] (axis output)
/// with an encoding whose scales have factors also L.scale_mantissas (U8 stream); L.lists and L.mx_scales are
/// streams if lists are not whole bytes; with an identifier_group above 1 L.identifier_masks (U8 stream), and
/// if activations are divided by input scales L.input_scales (F32 [k]). Metadata: L.encoding (its name),
/// L.identifier_group if not 1, the fields of the encoding (encoding_fields), and L.bits, L.micro_block,
/// L.macro_block, L.outlier_shift_max, L.axis
/// ("reduction" or "output"), L.k, L.n; for the file "microscopiq.contract". The same layers give the same
/// bytes. Error: an empty layer name or one used twice, and those of safetensors_bytes. An invalid tensor is
/// a std::logic_error.
[[nodiscard]] Result<std::string> quantized_bytes(std::span<const QuantizedLayer> layers);

/// Writes quantized_bytes atomically. Error: also those of write_file_atomically.
[[nodiscard]] Result<> save_quantized(const std::filesystem::path& path,
                                      std::span<const QuantizedLayer> layers);

/// Names of the layers in a file: those with a tensor L.codes, in natural order.
[[nodiscard]] std::vector<std::string> quantized_layers(const SafetensorsReader& reader);

/// Reads a layer back; the tensor is valid (golden/quantize/validate.hpp).
/// Error (names file, layer, field, the value found and the allowed ones): another contract version, no such
/// layer (the message lists the layers), a missing tensor or metadata text, any inconsistency that unpack
/// finds, or input scales that are not [k], finite and above 0.
[[nodiscard]] Result<QuantizedLayer> load_quantized(const SafetensorsReader& reader, std::string_view layer);
[[nodiscard]] Result<QuantizedLayer> load_quantized(const std::filesystem::path& path,
                                                    std::string_view layer);

}  // namespace msq::golden
