#include "golden/io/onnx_model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <string_view>
#include <utility>

#include "golden/io/describe.hpp"
#include "golden/io/float16.hpp"
#include "golden/io/onnx_wire.hpp"

namespace msq::golden {
namespace {

// Numbers of fields, from the published schema of ONNX (onnx.proto, IR version 3 and later).
namespace model {
enum { graph = 7, opset_import = 8 };
}
namespace graph {
enum { node = 1, initializer = 5 };
}
namespace node {
enum { input = 1, output = 2, op_type = 4, attribute = 5, domain = 7 };
}
namespace attribute {
enum { name = 1, integer = 3, tensor = 5, graph = 6, integers = 8, graphs = 11 };
}
namespace tensor {
enum { dims = 1, type = 2, floats = 4, int32s = 5, name = 8, raw = 9, external = 13, location = 14 };
}
namespace entry {
enum { key = 1, value = 2 };
}

constexpr std::size_t kMaxOnnxDimensions = 32;
constexpr std::size_t kMaxListed = std::size_t{1} << 20;  ///< tensors or nodes of a graph
constexpr int kMaxDepth = 16;                             ///< graphs within nodes within graphs

std::string type_name(std::int64_t type) {
  static constexpr std::array<const char*, 17> kNames{
      "UNDEFINED", "FLOAT",   "UINT8",  "INT8",   "UINT16", "INT16",     "INT32",      "INT64",   "STRING",
      "BOOL",      "FLOAT16", "DOUBLE", "UINT32", "UINT64", "COMPLEX64", "COMPLEX128", "BFLOAT16"};
  const bool known = type >= 0 && type < static_cast<std::int64_t>(kNames.size());
  return known ? kNames[static_cast<std::size_t>(type)] : fmt::format("type {}", type);
}

/// What of an attribute concerns us.
struct Attribute {
  std::string name;
  std::int64_t integer = 0;
  std::vector<std::int64_t> integers;  ///< the first three
  std::optional<OnnxTensor> tensor;
};

class ModelParser {
 public:
  explicit ModelParser(const ByteSource& source) : wire_(source, {0, source.size()}) {}

  Result<OnnxGraph> model() {
    OnnxGraph main;
    bool has_graph = false;
    bool has_opset = false;
    wire_.fields([&](int number) {
      if (number == model::graph) {
        has_graph = true;
        read_graph(main, 0);
      }
      has_opset |= number == model::opset_import;
    });
    if (wire_.ok() && !(has_graph && has_opset)) {
      return Error(fmt::format("no {} in it (truncated, or not an ONNX model?)",
                               has_graph ? "operator set" : "graph"));
    }
    if (!wire_.ok()) {
      return Error(fmt::format("{} (damaged, truncated, or not an ONNX model?)", wire_.error()));
    }
    return main;
  }

 private:
  void read_graph(OnnxGraph& into, int depth) {
    if (depth > kMaxDepth) {
      wire_.fail(fmt::format("graphs nested more than {} deep", kMaxDepth));
    }
    wire_.message([&](int number) {
      if (number == graph::node) {
        read_node(into, depth);
      } else if (number == graph::initializer) {
        add_tensor(into, read_tensor());
      }
      if (std::max(into.tensors.size(), into.nodes.size()) > kMaxListed) {
        wire_.fail(fmt::format("more than {} tensors or nodes in a graph", kMaxListed));
      }
    });
  }

  void add_tensor(OnnxGraph& into, OnnxTensor&& found) {
    if (found.name.empty()) {
      wire_.fail("a tensor without a name");
    }
    if (wire_.ok()) {
      into.tensors.push_back(std::move(found));
    }
  }

  void read_node(OnnxGraph& into, int depth) {
    OnnxNode found;
    std::string op;
    std::string domain;
    int inputs = 0;
    std::optional<OnnxTensor> value;
    std::optional<std::vector<std::int64_t>> permutation;
    wire_.message([&](int number) {
      if (number == node::input) {
        const int index = inputs++;
        if (index < 2) (index == 0 ? found.first : found.second) = wire_.text();
      } else if (number == node::output && found.output.empty()) {
        found.output = wire_.text();
      } else if (number == node::op_type) {
        op = wire_.text();
      } else if (number == node::domain) {
        domain = wire_.text();
      } else if (number == node::attribute) {
        Attribute read = read_attribute(found, depth);
        if (read.name == "transB") found.transposed = read.integer != 0;
        if (read.name == "perm") permutation = std::move(read.integers);
        if (read.name == "value") value = std::move(read.tensor);
      }
    });
    const bool standard = domain.empty() || domain == "ai.onnx";
    if (standard && op == "Constant" && value && !found.output.empty()) {
      value->name = found.output;
      add_tensor(into, std::move(*value));
      return;
    }
    found.kind = standard ? kind_of(op) : OnnxNode::Kind::other;
    if (found.kind == OnnxNode::Kind::transpose) {
      found.transposed = true;
      if (permutation && *permutation != std::vector<std::int64_t>{1, 0}) found.kind = OnnxNode::Kind::other;
    }
    keep(into, std::move(found));
  }

  static OnnxNode::Kind kind_of(std::string_view op) {
    if (op == "MatMul") return OnnxNode::Kind::matmul;
    if (op == "Gemm") return OnnxNode::Kind::gemm;
    if (op == "Transpose") return OnnxNode::Kind::transpose;
    return op == "Identity" || op == "Cast" ? OnnxNode::Kind::same : OnnxNode::Kind::other;
  }

  /// Most nodes tell nothing: they take no memory.
  static void keep(OnnxGraph& into, OnnxNode&& found) {
    const bool product = found.kind == OnnxNode::Kind::matmul || found.kind == OnnxNode::Kind::gemm;
    const bool renames = found.kind == OnnxNode::Kind::transpose || found.kind == OnnxNode::Kind::same;
    if (!found.bodies.empty() || (product && !found.second.empty()) ||
        (renames && !found.first.empty() && !found.output.empty())) {
      into.nodes.push_back(std::move(found));
    }
  }

  Attribute read_attribute(OnnxNode& owner, int depth) {
    constexpr std::size_t kFirst = 3;
    Attribute found;
    wire_.message([&](int number) {
      if (number == attribute::name) {
        found.name = wire_.text();
      } else if (number == attribute::integer) {
        found.integer = wire_.integer();
      } else if (number == attribute::integers) {
        wire_.integers([&](std::int64_t value) {
          if (found.integers.size() < kFirst) found.integers.push_back(value);
        });
      } else if (number == attribute::tensor) {
        found.tensor = read_tensor();
      } else if (number == attribute::graph || number == attribute::graphs) {
        owner.bodies.emplace_back();
        read_graph(owner.bodies.back(), depth + 1);
      }
    });
    return found;
  }

  OnnxTensor read_tensor() {
    OnnxTensor found;
    OnnxData& data = found.data;
    std::int64_t floats = 0;
    std::int64_t ints = 0;
    std::optional<WireReader::Range> raw;
    bool external = false;
    const WireReader::Range range = wire_.message([&](int number) {
      if (number == tensor::dims) {
        wire_.integers([&](std::int64_t extent) { add_extent(found, extent); });
      } else if (number == tensor::type) {
        found.type = type_name(wire_.integer());
      } else if (number == tensor::floats) {
        floats += static_cast<std::int64_t>(wire_.floats().size() / sizeof(float));
      } else if (number == tensor::int32s) {
        wire_.integers([&](std::int64_t) { ++ints; });
      } else if (number == tensor::name) {
        found.name = wire_.text();
      } else if (number == tensor::raw) {
        raw = wire_.bytes();
      } else if (number == tensor::external) {
        read_entry(data);
      } else if (number == tensor::location) {
        external = wire_.integer() == 1;
      }
    });
    if (found.type.empty()) {
      found.type = type_name(0);
    }
    if (external || raw) {
      data.kind = external ? OnnxData::Kind::external : OnnxData::Kind::raw;
      data.begin = raw ? raw->begin : 0;
      data.end = raw ? raw->end : 0;
    } else if (floats + ints > 0) {
      data.kind = floats > 0 ? OnnxData::Kind::floats : OnnxData::Kind::ints;
      data.begin = range.begin;
      data.end = range.end;
      data.count = floats > 0 ? floats : ints;
    }
    return found;
  }

  void add_extent(OnnxTensor& found, std::int64_t extent) {
    if (extent < 0) {
      wire_.fail(fmt::format("an extent of {} (allowed: 0 or more)", extent));
    }
    if (found.shape.size() == kMaxOnnxDimensions) {
      wire_.fail(fmt::format("a tensor of more than {} dimensions", kMaxOnnxDimensions));
    }
    if (wire_.ok()) {
      found.shape.push_back(extent);
    }
  }

  void read_entry(OnnxData& data) {
    std::string key;
    std::string value;
    wire_.message([&](int number) {
      if (number == entry::key) key = wire_.text();
      if (number == entry::value) value = wire_.text();
    });
    if (key == "location") {
      data.location = value;
    } else if (key == "offset") {
      data.offset = number_in(key, value);
    } else if (key == "length") {
      data.length = number_in(key, value);
    }
  }

  std::uint64_t number_in(std::string_view key, std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) {
      wire_.fail(fmt::format("external data with {} {}, which is no number of bytes,", key, in_quotes(text)));
    }
    return value;
  }

  WireReader wire_;
};

}  // namespace

Result<OnnxGraph> parse_onnx(const ByteSource& source) { return ModelParser(source).model(); }

std::optional<FloatType> onnx_float_type(std::string_view type) {
  if (type == "FLOAT") {
    return FloatType::f32;
  }
  if (type == "FLOAT16") {
    return FloatType::f16;
  }
  return type == "BFLOAT16" ? std::optional(FloatType::bf16) : std::nullopt;
}

Result<std::vector<float>> read_onnx_list(const ByteSource& source, const OnnxData& data, FloatType type) {
  WireReader wire(source, {data.begin, data.end});
  std::vector<float> values;
  values.reserve(static_cast<std::size_t>(data.count));
  wire.fields([&](int number) {
    if (number == tensor::floats && data.kind == OnnxData::Kind::floats) {
      const WireReader::Range range = wire.floats();
      const auto part = read_floats(source, range.begin,
                                    static_cast<std::int64_t>(range.size() / sizeof(float)), FloatType::f32);
      if (!part) {
        wire.fail(part.error());
      } else {
        values.insert(values.end(), part->begin(), part->end());
      }
    } else if (number == tensor::int32s && data.kind == OnnxData::Kind::ints) {
      wire.integers([&](std::int64_t code) {
        if (code < 0 || code > std::numeric_limits<std::uint16_t>::max()) {
          wire.fail(
              fmt::format("element {} is {}; allowed: a 16-bit code, 0 to 65535,", values.size(), code));
        }
        const auto bits = static_cast<std::uint16_t>(code);
        values.push_back(type == FloatType::f16 ? from_float16(bits) : from_bfloat16(bits));
      });
    }
  });
  if (!wire.ok()) {
    return Error(fmt::format("{}: {}", source.name(), wire.error()));
  }
  return values;
}

}  // namespace msq::golden
