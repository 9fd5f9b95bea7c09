#pragma once

// Numbers of the fields that are read, from the published schema of ONNX (onnx.proto, IR version 3 and
// later).

namespace msq::golden::onnx_fields {

namespace model {
enum { graph = 7, opset_import = 8, function = 25 };
}
namespace graph {
enum { node = 1, initializer = 5, input = 11, sparse_initializer = 15 };
}
namespace function {
enum { name = 1, input = 4, output = 5, node = 7, domain = 10, overload = 13 };
}
namespace node {
enum { input = 1, output = 2, op_type = 4, attribute = 5, domain = 7, overload = 8 };
}
namespace attribute {
enum {
  name = 1,
  real = 2,
  integer = 3,
  tensor = 5,
  graph = 6,
  integers = 8,
  graphs = 11,
  of_function = 21,  ///< the attribute of the function that gives the value
  sparse_tensor = 22
};
}
namespace tensor {
enum {
  dims = 1,
  type = 2,
  floats = 4,
  int32s = 5,
  name = 8,
  raw = 9,
  doubles = 10,
  external = 13,
  location = 14
};
}
namespace sparse_tensor {
enum { values = 1, dims = 3 };
}
namespace value {
enum { name = 1 };
}
namespace entry {
enum { key = 1, value = 2 };
}

}  // namespace msq::golden::onnx_fields
