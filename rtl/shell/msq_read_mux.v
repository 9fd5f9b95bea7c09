// SPDX-License-Identifier: Apache-2.0
// Two requesters on the read channels of one AXI4 manager, distinguished by the id: 0 and 1. Requester 1
// goes first. Both have room for all they request, so no answer waits here.
// Area block: shell: memory ports
`default_nettype none
module msq_read_mux #(
    parameter ADDRESS_BITS = 40  // bits of a byte address
) (
    input  wire                    clk_i,
    input  wire                    rst_ni,
    input  wire                    arvalid0_i,  // request of requester 0
    output wire                    arready0_o,  // accepted
    input  wire [ADDRESS_BITS-1:0] araddr0_i,   // byte address of the first beat
    input  wire [7:0]              arlen0_i,    // beats, less one
    output wire                    rvalid0_o,   // beat for requester 0
    input  wire                    arvalid1_i,  // request of requester 1
    output wire                    arready1_o,  // accepted
    input  wire [ADDRESS_BITS-1:0] araddr1_i,   // byte address of the first beat
    input  wire [7:0]              arlen1_i,    // beats, less one
    output wire                    rvalid1_o,   // beat for requester 1
    output wire                    arvalid_o,   // request
    input  wire                    arready_i,   // request accepted
    output wire                    arid_o,      // requester
    output wire [ADDRESS_BITS-1:0] araddr_o,    // byte address of the first beat
    output wire [7:0]              arlen_o,     // beats, less one
    input  wire                    rvalid_i,    // beat offered
    input  wire                    rid_i        // requester that it is for
);
  reg  busy_q;  // a request was offered and not accepted
  reg  pick_q;
  wire pick = busy_q ? pick_q : arvalid1_i;
  assign arvalid_o = pick ? arvalid1_i : arvalid0_i;
  assign arid_o = pick;
  assign araddr_o = pick ? araddr1_i : araddr0_i;
  assign arlen_o = pick ? arlen1_i : arlen0_i;
  assign arready0_o = arready_i && !pick;
  assign arready1_o = arready_i && pick;
  assign rvalid0_o = rvalid_i && !rid_i;
  assign rvalid1_o = rvalid_i && rid_i;
  always @(posedge clk_i) begin
    if (!rst_ni) busy_q <= 1'b0;
    else busy_q <= arvalid_o && !arready_i;
  end
  always @(posedge clk_i) pick_q <= pick;

`ifdef MSQ_ASSERT
`ifndef MSQ_ASSERT_VH
`include "msq_assert.vh"
`endif
  `MSQ_PARAMETER(msq_illegal_address_bits, ADDRESS_BITS >= 1)
  `MSQ_INPUT_HELD(arvalid0_i, arready0_o, {araddr0_i, arlen0_i}, ADDRESS_BITS + 8, "request 0 not held")
  `MSQ_INPUT_HELD(arvalid1_i, arready1_o, {araddr1_i, arlen1_i}, ADDRESS_BITS + 8, "request 1 not held")
  `MSQ_HELD(arvalid_o, arready_i, {arid_o, araddr_o, arlen_o}, ADDRESS_BITS + 9, "request not held")
`endif
endmodule
`default_nettype wire
