// SPDX-License-Identifier: Apache-2.0
// Reads the descriptors of a list of jobs, checks each, and brings its job on its way: announces its packets
// to the readers and to the writer of outputs, writes the settings of msq_top, and starts the job as soon as
// none waits there. The next descriptor is read while the jobs before run.
//
// Words of a descriptor, 32 bits each, little endian (docs/reference/soc.md): 0 control, 1 tokens, 2 depth,
// 3 columns, 4 bytes of weights, 5 bytes of activations, 6 bytes for outputs, 7 offset of the values in
// outputs that are activations, 8 to 15 the addresses of weights, activations, outputs and the next
// descriptor, 64 bits each.
// Area block: shell: control
`default_nettype none
module msq_fetch #(
    parameter ADDRESS_BITS = 40,  // bits of a byte address, 32 to 64
    parameter WORD_BYTES = 16,    // bytes of a word of the memory, a power of two from 4 to 64
    parameter WEIGHT_BYTES = 32,  // bytes of a beat of the weights
    parameter ACT_BYTES = 8,      // bytes of a beat of the activations
    parameter ACT_BITS = 8,       // bits of an activation, 4 or 8
    parameter TOKEN_BITS = 8,     // bits of a number of tokens
    parameter SETTINGS = 24,      // byte address of the register tokens; depth .. format follow
    parameter STATUS = 20,        // byte address of the register status
    parameter CONTROL = 16        // byte address of the register control
) (
    input  wire                    clk_i,
    input  wire                    rst_ni,
    // End as soon as nothing is under way. Stays until idle_o; no access is under way then.
    input  wire                    halt_i,
    output wire                    idle_o,      // no list
    input  wire                    go_i,        // pulse: begin a list
    input  wire [63:0]             head_i,      // byte address of its first descriptor
    output wire                    error_o,     // no more jobs: a descriptor is wrong or cannot be read
    output wire [7:0]              code_o,      // error code
    output wire [ADDRESS_BITS-1:0] address_o,   // byte address of the descriptor, of this and of jobs
    input  wire [7:0]              finished_i,  // jobs that have ended since go_i, modulo 256
    // Memory.
    output wire                    arvalid_o,   // burst requested
    input  wire                    arready_i,   // request accepted
    output wire [ADDRESS_BITS-1:0] araddr_o,    // byte address of the first beat
    output wire [7:0]              arlen_o,     // beats, less one
    input  wire                    rvalid_i,    // beat offered; always accepted
    input  wire [WORD_BYTES*8-1:0] rdata_i,     // beat
    input  wire [1:0]              rresp_i,     // response: an error if bit 1 is set
    input  wire                    rlast_i,     // last beat of its burst
    // Registers of msq_top: an access stays until its end.
    output wire                    access_o,         // access asked for
    output wire                    access_write_o,   // it is a write
    output wire [7:0]              access_address_o, // byte address
    output wire [31:0]             access_data_o,    // data to write
    output wire [3:0]              access_strobe_o,  // bytes to write
    input  wire                    access_end_i,     // access ends
    input  wire [31:0]             access_data_i,    // data read
    // Job, announced to what writes outputs and completions.
    output wire                    job_valid_o,         // job announced
    input  wire                    job_ready_i,         // announcement accepted
    output wire                    job_last_o,          // last job of the list
    output wire                    job_interrupt_o,     // interrupt with its end
    output wire [ADDRESS_BITS-1:0] output_address_o,    // byte address of the outputs
    output wire [31:0]             output_bytes_o,      // bytes that may be written there
    output wire                    output_activations_o, // outputs are laid out as activations
    output wire [31:0]             output_values_o,     // offset of their values
    output wire [TOKEN_BITS-1:0]   output_tokens_o,     // tokens of the job
    output wire [23:0]             output_columns_o,    // outputs of a token
    // Packets.
    output wire                    weight_valid_o,      // weight packet announced
    input  wire                    weight_ready_i,      // announcement accepted
    output wire [ADDRESS_BITS-1:0] weight_address_o,    // byte address
    output wire [31:0]             weight_bytes_o,      // bytes
    output wire                    act_valid_o,         // activation packet announced
    input  wire                    act_ready_i,         // announcement accepted
    output wire [ADDRESS_BITS-1:0] act_address_o,       // byte address
    output wire [31:0]             act_bytes_o          // bytes
);
  localparam BEATS = 64 / WORD_BYTES;
  localparam WEIGHT_BITS = $clog2(WEIGHT_BYTES);
  localparam ACT_BEAT_BITS = $clog2(ACT_BYTES);
  localparam [31:0] INSIDE = WORD_BYTES - 1;  // bits of an address inside a word
  localparam [7:0] MARKER = 8'hd5;
  localparam [7:0] ERROR_READ = 8'd16, ERROR_DESCRIPTOR = 8'd17, ERROR_ALIGNMENT = 8'd18,
      ERROR_LAYOUT = 8'd19;
  localparam [1:0] FORMAT = (ACT_BITS == 8) ? 2'd2 : 2'd3;
  localparam [3:0] IDLE = 4'd0, REQUEST = 4'd1, ANSWER = 4'd2, CHECK = 4'd3, JOB = 4'd4, WEIGHTS = 4'd5,
      SETTING = 4'd6, POLL = 4'd7, START = 4'd8, ACTIVATIONS = 4'd9, NEXT = 4'd10, FAILED = 4'd11;
  reg [3:0]              state_q;
  reg [63:0]             address_q;
  reg [511:0]            words_q;
  reg                    bad_q;     // the memory answered with an error
  reg [7:0]              code_q;
  reg [2:0]              setting_q;
  reg [7:0]              jobs_q;    // jobs before this one, modulo 256

  // The descriptor.
  wire [31:0] control = words_q[31:0];
  wire last = control[8];
  wire interrupt = control[9];
  wire waits = control[10];
  wire activations = control[11];
  wire [1:0] format = control[13:12];
  wire [3:0] log2_rows = control[19:16];
  wire [3:0] log2_block = control[23:20];
  wire [31:0] tokens = words_q[63:32];
  wire [31:0] depth = words_q[95:64];
  wire [31:0] columns = words_q[127:96];
  wire [31:0] weight_bytes = words_q[159:128];
  wire [31:0] act_bytes = words_q[191:160];
  wire [31:0] output_bytes = words_q[223:192];
  wire [31:0] values = words_q[255:224];
  wire [63:0] weight_address = words_q[319:256];
  wire [63:0] act_address = words_q[383:320];
  wire [63:0] output_address = words_q[447:384];
  wire [63:0] next_address = words_q[511:448];

  // What is wrong with it.
  wire [3:0] beyond;  // an address is beyond the memory
  genvar a;
  generate
    for (a = 0; a < 4; a = a + 1) begin : gen_address
      wire [63:0] address = words_q[256+64*a+:64];
      wire [63:0] high = address >> ADDRESS_BITS;
      wire [63:0] low = address & ((a == 3) ? 64'd127 : {32'd0, INSIDE});
      assign beyond[a] = (a == 3 && last) ? 1'b0 : |high || |low;
    end
  endgenerate
  wire [63:0] head_high = address_q >> ADDRESS_BITS;
  wire head_bad = |head_high || |address_q[6:0];
  wire marked = control[7:0] == MARKER && control[15:14] == 2'd0 && control[31:24] == 8'd0
      && tokens[31:TOKEN_BITS] == {(32 - TOKEN_BITS) {1'b0}} && tokens != 32'd0
      && depth[31:24] == 8'd0 && columns[31:24] == 8'd0 && columns != 32'd0;
  localparam [31:0] WEIGHT_INSIDE = WEIGHT_BYTES - 1;
  localparam [31:0] ACT_INSIDE = ACT_BYTES - 1;
  wire [31:0] weight_part = weight_bytes & WEIGHT_INSIDE;
  wire [31:0] act_part = act_bytes & ACT_INSIDE;
  wire [31:0] values_part = values & ACT_INSIDE;
  wire whole = weight_part == 32'd0 && weight_bytes[31:WEIGHT_BITS] != {(32 - WEIGHT_BITS) {1'b0}}
      && act_part == 32'd0 && act_bytes[31:ACT_BEAT_BITS] != {(32 - ACT_BEAT_BITS) {1'b0}};
  wire laid_out = !activations || (format == FORMAT && values_part == 32'd0);

  assign idle_o = state_q == IDLE;
  assign error_o = state_q == FAILED;
  assign code_o = code_q;
  assign address_o = address_q[ADDRESS_BITS-1:0];
  assign arvalid_o = state_q == REQUEST && !head_bad;
  assign araddr_o = address_q[ADDRESS_BITS-1:0];
  assign arlen_o = BEATS[7:0] - 8'd1;
  assign job_valid_o = state_q == JOB && !halt_i;
  assign job_last_o = last;
  assign job_interrupt_o = interrupt;
  assign output_address_o = output_address[ADDRESS_BITS-1:0];
  assign output_bytes_o = output_bytes;
  assign output_activations_o = activations;
  assign output_values_o = values;
  assign output_tokens_o = tokens[TOKEN_BITS-1:0];
  assign output_columns_o = columns[23:0];
  assign weight_valid_o = state_q == WEIGHTS && !halt_i;
  assign weight_address_o = weight_address[ADDRESS_BITS-1:0];
  assign weight_bytes_o = weight_bytes;
  // Activations that jobs before write are read once they are written.
  assign act_valid_o = state_q == ACTIVATIONS && !halt_i && (!waits || jobs_q == finished_i);
  assign act_address_o = act_address[ADDRESS_BITS-1:0];
  assign act_bytes_o = act_bytes;

  assign access_o = state_q == SETTING || state_q == POLL || state_q == START;
  assign access_write_o = state_q != POLL;
  assign access_address_o = state_q == POLL ? STATUS[7:0] : state_q == START ? CONTROL[7:0]
      : SETTINGS[7:0] + {3'd0, setting_q, 2'b00};
  reg [31:0] setting;
  always @* begin
    case (setting_q)
      3'd0: setting = tokens;
      3'd1: setting = depth;
      3'd2: setting = columns;
      3'd3: setting = tokens;  // a job is one pass
      3'd4: setting = {20'd0, log2_block, 4'd0, log2_rows};
      default: setting = {30'd0, format};
    endcase
  end
  assign access_strobe_o = state_q == START ? 4'b0001 : 4'b1111;  // the interrupt stays enabled or not
  assign access_data_o = state_q == START ? 32'd1 : setting;
  wire queued = access_data_i[8];
  wire unused_status = &{1'b0, access_data_i, rresp_i[0]};
  wire unused_addresses = &{1'b0, weight_address, act_address, output_address, next_address};

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q <= IDLE;
    end else begin
      case (state_q)
        IDLE: if (go_i) state_q <= REQUEST;
        REQUEST: if (head_bad) state_q <= FAILED; else if (arready_i) state_q <= ANSWER;
        ANSWER: if (rvalid_i && rlast_i) state_q <= halt_i ? IDLE : CHECK;
        CHECK: state_q <= halt_i ? IDLE : (bad_q || !marked || |beyond || !whole || !laid_out) ? FAILED : JOB;
        JOB: if (halt_i) state_q <= IDLE; else if (job_ready_i) state_q <= WEIGHTS;
        WEIGHTS: if (halt_i) state_q <= IDLE; else if (weight_ready_i) state_q <= SETTING;
        SETTING: if (halt_i) state_q <= IDLE; else if (access_end_i && setting_q == 3'd5) state_q <= POLL;
        POLL: if (halt_i) state_q <= IDLE; else if (access_end_i && !queued) state_q <= START;
        START: if (halt_i) state_q <= IDLE; else if (access_end_i) state_q <= ACTIVATIONS;
        ACTIVATIONS: if (halt_i) state_q <= IDLE; else if (act_valid_o && act_ready_i) state_q <= NEXT;
        NEXT: state_q <= (halt_i || last) ? IDLE : REQUEST;
        default: if (halt_i) state_q <= IDLE;  // FAILED
      endcase
    end
  end
  always @(posedge clk_i) begin
    if (state_q == IDLE) begin
      address_q <= head_i;
      jobs_q    <= 8'd0;
    end
    if (state_q == NEXT) begin
      address_q <= next_address;
      jobs_q    <= jobs_q + 8'd1;
    end
    if (state_q == REQUEST) begin
      bad_q  <= 1'b0;
      code_q <= ERROR_ALIGNMENT;
    end
    if (state_q == ANSWER && rvalid_i && rresp_i[1]) bad_q <= 1'b1;
    if (state_q == CHECK) begin
      code_q <= bad_q ? ERROR_READ : !marked ? ERROR_DESCRIPTOR : (|beyond || !whole) ? ERROR_ALIGNMENT
          : ERROR_LAYOUT;
    end
    if (state_q == WEIGHTS) setting_q <= 3'd0;
    else if (state_q == SETTING && access_end_i) setting_q <= setting_q + 3'd1;
  end
  generate
    if (BEATS == 1) begin : gen_beat
      always @(posedge clk_i) if (state_q == ANSWER && rvalid_i) words_q <= rdata_i;
    end else begin : gen_beats
      always @(posedge clk_i) begin
        if (state_q == ANSWER && rvalid_i) words_q <= {rdata_i, words_q[511:WORD_BYTES*8]};
      end
    end
  endgenerate

`ifdef MSQ_ASSERT
`ifndef MSQ_ASSERT_VH
`include "msq_assert.vh"
`endif
  `MSQ_PARAMETER(msq_illegal_address_bits, ADDRESS_BITS >= 32 && ADDRESS_BITS <= 64)
  `MSQ_PARAMETER(msq_illegal_word,
                 WORD_BYTES >= 4 && WORD_BYTES <= 64 && (WORD_BYTES & (WORD_BYTES - 1)) == 0)
  `MSQ_PARAMETER(msq_illegal_act_bits, ACT_BITS == 4 || ACT_BITS == 8)
  `MSQ_INPUT(rst_ni && rvalid_i, state_q == ANSWER, "beat that was not requested")
`endif
endmodule
`default_nettype wire
