// SPDX-License-Identifier: Apache-2.0
// Checks of parameters and port protocols in the leaves, on where MSQ_ASSERT is defined: in simulation models
// and in proofs. Read this file before the leaves, or add its folder to the include path. Where SYNTHESIS is
// defined, parameters are checked, ports are not.
//
//   MSQ_PARAMETER(name, legal)        elaboration stops at a missing module `name` unless `legal`
//   MSQ_CHECK(when, holds, message)   `holds` is true at every rising edge of clk_i where `when` is
//   MSQ_INPUT(when, holds, message)   the same for inputs: an assumption in proofs
//   MSQ_HELD(valid, ready, data, width, message)        an offer stays, with its data, until it is accepted;
//                                                       `valid` is a name
//   MSQ_INPUT_HELD(valid, ready, data, width, message)  the same for inputs: not assumed in proofs
`ifndef MSQ_ASSERT_VH
`define MSQ_ASSERT_VH
`ifdef FORMAL
`define MSQ_HOLDS(holds, message) assert (holds);
`define MSQ_ASSUMED(holds, message) assume (holds);
`elsif SYNTHESIS
`define MSQ_HOLDS(holds, message)
`define MSQ_ASSUMED(holds, message)
`else
`define MSQ_HOLDS(holds, message) if (!(holds)) begin $display("%m: %s", message); $stop; end
`define MSQ_ASSUMED(holds, message) `MSQ_HOLDS(holds, message)
`endif
// Blocks have names, by their first argument, since newer versions of Verilator warn of those without.
`define MSQ_PARAMETER(name, legal) \
  generate if (!(legal)) begin : gen_``name name u_illegal (); end endgenerate
`define MSQ_CHECK(when, holds, message) \
  always @(posedge clk_i) if (when) begin `MSQ_HOLDS(holds, message) end
`define MSQ_INPUT(when, holds, message) \
  always @(posedge clk_i) if (when) begin `MSQ_ASSUMED(holds, message) end
// Whether an offer was left open in the cycle before, and its data.
`define MSQ_OPEN(valid, ready, data, width) \
  reg open_q; \
  reg [(width)-1:0] offered_q; \
  always @(posedge clk_i) open_q <= rst_ni && (valid) && !(ready); \
  always @(posedge clk_i) offered_q <= data;
`define MSQ_HELD(valid, ready, data, width, message) \
  generate if (1) begin : gen_``valid \
    `MSQ_OPEN(valid, ready, data, width) \
    `MSQ_CHECK(rst_ni && open_q, (valid) && offered_q == (data), message) \
  end endgenerate
`ifdef FORMAL
`define MSQ_INPUT_HELD(valid, ready, data, width, message)
`else
`define MSQ_INPUT_HELD(valid, ready, data, width, message) \
  generate if (1) begin : gen_``valid \
    `MSQ_OPEN(valid, ready, data, width) \
    `MSQ_INPUT(rst_ni && open_q, (valid) && offered_q == (data), message) \
  end endgenerate
`endif
`endif
