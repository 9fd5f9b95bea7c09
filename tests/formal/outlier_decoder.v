// msq_outlier_decoder for both modes and micro-blocks of four, as the rows of a band are loaded: each outlier
// of the lists goes to a unit of its own with the significand that its halves stand for, the slots of both
// halves are cleared and no other, the remaining codes are two's complement numbers, and an error is shown
// exactly if that cannot be.
`default_nettype none
module formal_outlier_decoder (
    input wire                       clk_i,
    input wire                       load_i,
    input wire                       first_i,
    input wire [$clog2(`ROWS+1)-1:0] row_i,
    input wire                       mode4_i,
    input wire [1:0]                 has_outliers_i,
    input wire [15:0]                mx_scale_i,
    input wire [15:0]                list_i,
    input wire [15:0]                codes_i
);
  localparam ROW_BITS = $clog2(`ROWS);
  localparam SIG = (`FULL_RANGE != 0) ? 8 : 6;
  localparam WORD = SIG + 1 + ROW_BITS + 2 + 3;  // the field is above the row
  wire [15:0] codes;
  wire [`UNITS-1:0] write;
  wire [`UNITS*WORD-1:0] words;
  wire list_error, unit_error;
  msq_outlier_decoder #(
      .MICRO_BLOCK(4),
      .FULL_RANGE(`FULL_RANGE),
      .ROWS(`ROWS),
      .UNITS(`UNITS),
      .SHIFT_MAX(7),
      .SHIFT_BITS(3)
  ) u_dut (
      .clk_i(clk_i),
      .load_i(load_i),
      .first_i(first_i),
      .step_i(row_i),
      .mode4_i(mode4_i),
      .has_outliers_i(has_outliers_i),
      .mx_scale_i(mx_scale_i),
      .list_i(list_i),
      .codes_i(codes_i),
      .codes_o(codes),
      .write_o(write),
      .words_o(words),
      .list_error_o(list_error),
      .unit_error_o(unit_error)
  );

  // A band begins with its first row, and rows come in order.
  reg open_q = 1'b0;
  reg [$clog2(`ROWS+1)-1:0] next_q = 0;
  always @(posedge clk_i) begin
    if (load_i) begin
      open_q <= row_i != `ROWS - 1;
      next_q <= (row_i == `ROWS - 1) ? 0 : row_i + 1'b1;
    end
  end
  always @* assume (first_i == !open_q && row_i == next_q);

  // Outliers of the band that have a unit, and the positions they go to; what the fields of the row add.
  reg [2:0] units_q, units, after;
  reg [3:0] taken_q, taken;
  wire [7:0] uppers;
  wire [3:0] used;
  genvar e, f;
  generate
    for (e = 0; e < 4; e = e + 1) begin : gen_used
      assign used[e] = has_outliers_i[e/2] && list_i[4*e+:2] != list_i[4*e+2+:2];
    end
    for (f = 0; f < 2; f = f + 1) begin : gen_field
      assign uppers[4*f+:4] = ({3'd0, used[2*f]} << list_i[8*f+2+:2])
          | ({3'd0, used[2*f+1]} << list_i[8*f+6+:2]);
    end
  endgenerate
  always @* begin
    units = first_i ? 3'd0 : units_q;
    taken = first_i ? 4'd0 : taken_q;
    after = units + used[0] + used[1] + used[2] + used[3];
  end
  wire clash = after > `UNITS || |(taken & (uppers[3:0] | uppers[7:4])) || |(uppers[3:0] & uppers[7:4]);
  always @(posedge clk_i) begin
    if (load_i) begin
      units_q <= (after > `UNITS) ? `UNITS : after;
      taken_q <= taken | uppers[3:0] | uppers[7:4];
    end
  end
  wire [1:0] twice, large;
  generate
    for (f = 0; f < 2; f = f + 1) begin : gen_list
      wire [1:0] u0 = list_i[8*f+2+:2];
      wire [1:0] l0 = list_i[8*f+:2];
      wire [1:0] u1 = list_i[8*f+6+:2];
      wire [1:0] l1 = list_i[8*f+4+:2];
      assign twice[f] = used[2*f] && used[2*f+1] && (u0 == u1 || u0 == l1 || l0 == u1 || l0 == l1);
      assign large[f] = has_outliers_i[f] && mx_scale_i[8*f+:8] > 8'd7;
    end
  endgenerate
  always @* begin
    assert (list_error == (load_i && (|twice || |large || (mode4_i && has_outliers_i[1]))));
    assert (unit_error == (load_i && clash));
  end

  // Unit k gets entry e if k is the number of units in use before it.
  generate
    genvar k;
    for (k = 0; k < `UNITS; k = k + 1) begin : gen_unit
      wire [WORD-1:0] word = words[k*WORD+:WORD];
      wire [3:0] mine;
      for (e = 0; e < 4; e = e + 1) begin : gen_mine
        wire [2:0] before = units + ((e > 0) ? used[0] : 0) + ((e > 1) ? used[1] : 0)
            + ((e > 2) ? used[2] : 0);
        assign mine[e] = used[e] && before == k;
      end
      wire takes = |mine;
      wire field = mine[2] || mine[3];
      wire [3:0] pair = mine[0] ? list_i[3:0] : mine[1] ? list_i[7:4]
          : mine[2] ? list_i[11:8] : list_i[15:12];
      wire [1:0] upper = pair[3:2];
      wire [1:0] lower = pair[1:0];
      // The codes of the two positions, and the number that they stand for.
      wire [15:0] upper_codes = codes_i >> {upper, field && !mode4_i, 1'b0};
      wire [15:0] lower_codes = codes_i >> {lower, field && !mode4_i, 1'b0};
      wire signed [7:0] upper_twos = mode4_i ? $signed(upper_codes[3:0]) : $signed(upper_codes[1:0]);
      wire signed [7:0] lower_unsigned = mode4_i ? {4'd0, lower_codes[3:0]} : {6'd0, lower_codes[1:0]};
      wire signed [7:0] full = (mode4_i ? upper_twos <<< 4 : upper_twos <<< 2) + lower_unsigned;
      wire upper_negative = mode4_i ? upper_codes[3] : upper_codes[1];
      wire lower_negative = mode4_i ? lower_codes[3] : lower_codes[1];
      wire signed [7:0] upper_size = mode4_i ? 8'd16 + {4'd0, upper_codes[1:0], 2'b00} : 8'd4
          + {6'd0, upper_codes[0], 1'b0};
      wire signed [7:0] lower_size = mode4_i ? {6'd0, lower_codes[1:0]} : {7'd0, lower_codes[0]};
      wire signed [7:0] paper = (upper_negative ? -upper_size : upper_size)
          + (lower_negative ? -lower_size : lower_size);
      wire signed [7:0] significand = (`FULL_RANGE != 0) ? full : paper;
      wire [2:0] shift = field ? mx_scale_i[10:8] : mx_scale_i[2:0];
      always @* begin
        if (load_i) assert (write[k] == (first_i || takes));
        if (!load_i) assert (!write[k]);
        if (load_i && !list_error && !unit_error) begin
          if (takes) assert (word[SIG-1:0] == significand[SIG-1:0]);
          if (takes) assert (word[WORD-1:WORD-5] == {shift, upper} && word[SIG+ROW_BITS] == field);
          if (takes && `ROWS > 1) assert (word[SIG+:(ROW_BITS==0?1:ROW_BITS)] ==
              row_i[(ROW_BITS==0?1:ROW_BITS)-1:0]);
          if (!takes) assert (word == 0);
        end
        cover (load_i && takes && !list_error && !unit_error && significand == -5 && shift == 5);
        cover (load_i && takes && !list_error && !unit_error && significand == 27 && mode4_i);
        cover (load_i && takes && !list_error && !unit_error && field && (!first_i || `ROWS == 1));
      end
    end
  endgenerate

  // Slots: bits 2s + 1, 2s belong to position s / 2 and, in mode 2, to field s % 2. A code has the sign and
  // magnitude of a number, or it is that number.
  generate
    for (f = 0; f < 4; f = f + 1) begin : gen_position
      wire [1:0] place = f;
      wire [3:0] hit;
      for (e = 0; e < 4; e = e + 1) begin : gen_entry
        assign hit[e] = used[e] && (list_i[4*e+:2] == place || list_i[4*e+2+:2] == place);
      end
      wire cleared0 = |hit[1:0];
      wire cleared1 = |hit[3:2];
      wire [3:0] word = codes_i[4*f+:4];
      wire [3:0] wide = (`FULL_RANGE != 0) ? word : word[3] ? 4'd0 - {1'b0, word[2:0]} : word;
      wire [1:0] low = (`FULL_RANGE != 0) ? word[1:0] : word[1] ? 2'd0 - {1'b0, word[0]} : word[1:0];
      wire [1:0] high = (`FULL_RANGE != 0) ? word[3:2] : word[3] ? 2'd0 - {1'b0, word[2]} : word[3:2];
      wire [3:0] wanted = mode4_i ? (cleared0 ? 4'd0 : wide)
          : {cleared1 ? 2'd0 : high, cleared0 ? 2'd0 : low};
      always @* if (load_i) assert (codes[4*f+:4] == wanted);
    end
  endgenerate
  always @* begin
    // With one unit two outliers on one lane are one too many.
    cover (unit_error && !list_error && (!(after > `UNITS) || `UNITS == 1));
    cover (load_i && !first_i && has_outliers_i != 0 && !unit_error && !list_error || `ROWS == 1);
  end
endmodule
`default_nettype wire
