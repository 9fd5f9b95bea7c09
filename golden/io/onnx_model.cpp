#include "golden/io/onnx_model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>
#include <utility>

#include "golden/io/describe.hpp"
#include "golden/io/onnx_fields.hpp"
#include "golden/io/onnx_wire.hpp"

namespace msq::golden {
namespace {

using namespace onnx_fields;

constexpr std::size_t kMaxOnnxDimensions = 32;
constexpr std::size_t kMaxListed = std::size_t{1} << 20;  ///< tensors, nodes and functions
constexpr std::size_t kMaxNames = std::size_t{1} << 22;   ///< inputs and outputs of its nodes
constexpr int kMaxDepth = 16;                             ///< graphs within nodes within graphs

std::string type_name(std::int64_t type) {
  static constexpr std::array<const char*, 17> kNames{
      "UNDEFINED", "FLOAT",   "UINT8",  "INT8",   "UINT16", "INT16",     "INT32",      "INT64",   "STRING",
      "BOOL",      "FLOAT16", "DOUBLE", "UINT32", "UINT64", "COMPLEX64", "COMPLEX128", "BFLOAT16"};
  const bool known = type >= 0 && type < static_cast<std::int64_t>(kNames.size());
  return known ? kNames[static_cast<std::size_t>(type)] : fmt::format("type {}", type);
}

/// "Gather", "com.example::Attention"; an overload follows after a colon.
std::string qualified(const std::string& domain, const std::string& name, const std::string& overload) {
  const bool standard = domain.empty() || domain == "ai.onnx";
  return (standard ? name : fmt::format("{}::{}", domain, name)) + (overload.empty() ? "" : ":" + overload);
}

/// The parts of an attribute that matter here.
struct Attribute {
  std::string name;
  float real = 0;
  std::int64_t integer = 0;
  std::vector<std::int64_t> integers;  ///< the first three
  std::optional<OnnxTensor> tensor;
  bool of_function = false;  ///< the value is that of an attribute of the function around
};

class ModelParser {
 public:
  explicit ModelParser(const ByteSource& source) : wire_(source, {0, source.size()}) {}

  Result<OnnxModel> model() {
    OnnxModel main;
    bool has_graph = false;
    bool has_opset = false;
    wire_.fields([&](int number) {
      if (number == model::graph) {
        has_graph = true;
        read_graph(main.graph, 0);
      } else if (number == model::function) {
        read_function(main);
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
      } else if (number == graph::sparse_initializer) {
        add_tensor(into, read_sparse_tensor());
      } else if (number == graph::input) {
        wire_.message([&](int field) {
          if (field == value::name) add_name(into.inputs);
        });
      }
    });
  }

  void read_function(OnnxModel& into) {
    OnnxFunction found;
    std::string name;
    std::string domain;
    std::string overload;
    wire_.message([&](int number) {
      if (number == function::name) {
        name = wire_.text();
      } else if (number == function::domain) {
        domain = wire_.text();
      } else if (number == function::overload) {
        overload = wire_.text();
      } else if (number == function::input) {
        add_name(found.body.inputs);
      } else if (number == function::output) {
        add_name(found.outputs);
      } else if (number == function::node) {
        read_node(found.body, 0);
      }
    });
    const std::string key = qualified(domain, name, overload);
    count_item();
    if (wire_.ok() && !into.functions.try_emplace(key, std::move(found)).second) {
      wire_.fail(fmt::format("a second function {}", in_quotes(key)));
    }
  }

  /// Limits the number of items that a hostile file can make the parser store.
  void count_item() {
    if (++items_ > kMaxListed)
      wire_.fail(fmt::format("more than {} tensors, nodes and functions", kMaxListed));
  }

  void add_name(std::vector<std::string>& names) {
    names.push_back(wire_.text());
    if (++names_ > kMaxNames) wire_.fail(fmt::format("more than {} inputs and outputs of nodes", kMaxNames));
  }

  void add_tensor(OnnxGraph& into, OnnxTensor&& found) {
    if (found.name.empty()) {
      wire_.fail("a tensor without a name");
    }
    count_item();
    if (wire_.ok()) {
      into.tensors.push_back(std::move(found));
    }
  }

  void read_node(OnnxGraph& into, int depth) {
    OnnxNode found;
    std::string op;
    std::string domain;
    std::string overload;
    std::vector<Attribute> attributes;
    wire_.message([&](int number) {
      if (number == node::input) {
        add_name(found.inputs);
      } else if (number == node::output) {
        add_name(found.outputs);
      } else if (number == node::op_type) {
        op = wire_.text();
      } else if (number == node::domain) {
        domain = wire_.text();
      } else if (number == node::overload) {
        overload = wire_.text();
      } else if (number == node::attribute) {
        Attribute read = read_attribute(found, depth);
        if (concerns_us(read.name)) attributes.push_back(std::move(read));
      }
    });
    found.op = qualified(domain, op, overload);
    const bool standard = found.op == op;
    if (standard && op == "Constant" && add_constant(into, found, attributes)) return;
    found.kind = standard ? kind_of(op) : OnnxNode::Kind::other;
    if (found.kind == OnnxNode::Kind::transpose) found.transposed = true;
    for (const Attribute& one : attributes) set_attribute(found, one);
    keep(into, std::move(found));
  }

  static bool concerns_us(std::string_view name) {
    return name == "transB" || name == "alpha" || name == "perm" || name == "value" || name == "sparse_value";
  }

  /// The value of a Constant node as a tensor; false if it is none.
  bool add_constant(OnnxGraph& into, const OnnxNode& found, std::vector<Attribute>& attributes) {
    const auto value =
        std::ranges::find_if(attributes, [](const Attribute& one) { return one.tensor.has_value(); });
    if (value == attributes.end() || found.outputs.empty() || found.outputs.front().empty()) return false;
    value->tensor->name = found.outputs.front();
    add_tensor(into, std::move(*value->tensor));
    return true;
  }

  static void set_attribute(OnnxNode& found, const Attribute& one) {
    const bool gemm = found.kind == OnnxNode::Kind::gemm && (one.name == "transB" || one.name == "alpha");
    const bool transpose = found.kind == OnnxNode::Kind::transpose && one.name == "perm";
    if (!gemm && !transpose) return;
    if (one.of_function) {
      found.kind = OnnxNode::Kind::other;
      found.op += fmt::format(" whose {} the caller sets", one.name);
    } else if (one.name == "transB") {
      found.transposed = one.integer != 0;
    } else if (one.name == "alpha") {
      found.alpha = one.real;
    } else if (one.integers != std::vector<std::int64_t>{1, 0}) {
      found.kind = OnnxNode::Kind::other;
    }
  }

  static OnnxNode::Kind kind_of(std::string_view op) {
    if (op == "MatMul") return OnnxNode::Kind::matmul;
    if (op == "Gemm") return OnnxNode::Kind::gemm;
    if (op == "Transpose") return OnnxNode::Kind::transpose;
    return op == "Identity" || op == "Cast" ? OnnxNode::Kind::same : OnnxNode::Kind::other;
  }

  /// Nodes that take nothing and hold no graph take no memory.
  void keep(OnnxGraph& into, OnnxNode&& found) {
    const bool takes =
        std::ranges::any_of(found.inputs, [](const std::string& name) { return !name.empty(); });
    if (!takes && found.bodies.empty()) return;
    count_item();
    if (wire_.ok()) into.nodes.push_back(std::move(found));
  }

  Attribute read_attribute(OnnxNode& owner, int depth) {
    constexpr std::size_t kFirst = 3;
    Attribute found;
    const std::size_t first_body = owner.bodies.size();
    wire_.message([&](int number) {
      if (number == attribute::name) {
        found.name = wire_.text();
      } else if (number == attribute::real) {
        found.real = wire_.real();
      } else if (number == attribute::integer) {
        found.integer = wire_.integer();
      } else if (number == attribute::integers) {
        wire_.integers([&](std::int64_t value) {
          if (found.integers.size() < kFirst) found.integers.push_back(value);
        });
      } else if (number == attribute::tensor) {
        found.tensor = read_tensor();
      } else if (number == attribute::sparse_tensor) {
        found.tensor = read_sparse_tensor();
      } else if (number == attribute::of_function) {
        found.of_function = !wire_.text().empty();
      } else if (number == attribute::graph || number == attribute::graphs) {
        count_item();
        owner.bodies.emplace_back();
        read_graph(owner.bodies.back(), depth + 1);
      }
    });
    const std::size_t bodies = owner.bodies.size() - first_body;
    for (std::size_t i = 0; i < bodies; ++i) {
      owner.bodies[first_body + i].attribute = bodies == 1 ? found.name : fmt::format("{}/{}", found.name, i);
    }
    return found;
  }

  /// Listed under the name of its values; never loaded.
  OnnxTensor read_sparse_tensor() {
    OnnxTensor found;
    OnnxTensor values;
    wire_.message([&](int number) {
      if (number == sparse_tensor::values) {
        values = read_tensor();
      } else if (number == sparse_tensor::dims) {
        wire_.integers([&](std::int64_t extent) { add_extent(found, extent); });
      }
    });
    found.name = std::move(values.name);
    found.type = fmt::format("sparse {}", values.type.empty() ? type_name(0) : values.type);
    return found;
  }

  OnnxTensor read_tensor() {
    OnnxTensor found;
    OnnxData& data = found.data;
    std::int64_t floats = 0;
    std::int64_t doubles = 0;
    std::int64_t ints = 0;
    std::optional<WireReader::Range> raw;
    bool external = false;
    const WireReader::Range range = wire_.message([&](int number) {
      if (number == tensor::dims) {
        wire_.integers([&](std::int64_t extent) { add_extent(found, extent); });
      } else if (number == tensor::type) {
        found.type = type_name(wire_.integer());
      } else if (number == tensor::floats) {
        floats += static_cast<std::int64_t>(wire_.elements(sizeof(float)).size() / sizeof(float));
      } else if (number == tensor::doubles) {
        doubles += static_cast<std::int64_t>(wire_.elements(sizeof(double)).size() / sizeof(double));
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
    } else if (floats + doubles + ints > 0) {
      data.kind = floats > 0    ? OnnxData::Kind::floats
                  : doubles > 0 ? OnnxData::Kind::doubles
                                : OnnxData::Kind::ints;
      data.begin = range.begin;
      data.end = range.end;
      data.count = floats > 0 ? floats : doubles > 0 ? doubles : ints;
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
  std::size_t items_ = 0;
  std::size_t names_ = 0;
};

}  // namespace

Result<OnnxModel> parse_onnx(const ByteSource& source) { return ModelParser(source).model(); }

}  // namespace msq::golden
