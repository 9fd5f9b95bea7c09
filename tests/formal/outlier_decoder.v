// msq_outlier_decoder for both modes and micro-blocks of four, as the rows of a band are loaded: each outlier
// of the lists goes to a unit of its own with the significand that its halves stand for, the slots of both
// halves are cleared and no other, and an error is shown exactly if that cannot be.
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
  localparam SIG0 = (`FULL_RANGE != 0) ? 8 : 6;
  localparam WORD0 = SIG0 + ROW_BITS + 3 + 3;
  localparam WORD1 = 4 + ROW_BITS + 2 + 3;
  wire [15:0] codes;
  wire [2*`UNITS-1:0] write;
  wire [`UNITS*(WORD0+WORD1)-1:0] words;
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
      .row_i(row_i),
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

  // Outliers of the band that have a unit, and the positions they go to, per field; whether the band is still
  // free of errors.
  reg [3:0] units_q, units;
  reg [7:0] taken_q, taken, uppers;
  reg [1:0] clash;
  reg [3:0] count;
  wire [3:0] used;
  genvar e, f;
  generate
    for (e = 0; e < 4; e = e + 1) begin : gen_used
      assign used[e] = has_outliers_i[e/2] && list_i[4*e+:2] != list_i[4*e+2+:2];
    end
    for (f = 0; f < 2; f = f + 1) begin : gen_field
      always @* begin
        units[2*f+:2] = first_i ? 2'd0 : units_q[2*f+:2];
        taken[4*f+:4] = first_i ? 4'd0 : taken_q[4*f+:4];
        uppers[4*f+:4] = ({3'd0, used[2*f]} << list_i[8*f+2+:2]) | ({3'd0, used[2*f+1]} << list_i[8*f+6+:2]);
        count[2*f+:2] = used[2*f] + used[2*f+1];
        clash[f] = units[2*f+:2] + {1'b0, count[2*f+:2]} > `UNITS || |(taken[4*f+:4] & uppers[4*f+:4]);
      end
      always @(posedge clk_i) begin
        if (load_i) begin
          units_q[2*f+:2] <= (units[2*f+:2] + {1'b0, count[2*f+:2]} > `UNITS) ? `UNITS : units[2*f+:2]
              + count[2*f+:2];
          taken_q[4*f+:4] <= taken[4*f+:4] | uppers[4*f+:4];
        end
      end
    end
  endgenerate
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
    assert (unit_error == (load_i && |clash));
  end

  // Unit k of field f gets entry e if k is the number of units in use before it.
  generate
    for (f = 0; f < 2; f = f + 1) begin : gen_units
      genvar k;
      for (k = 0; k < `UNITS; k = k + 1) begin : gen_unit
        localparam SIG = (f == 0) ? SIG0 : 4;
        localparam LANE = (f == 0) ? 3 : 2;
        localparam WORD = (f == 0) ? WORD0 : WORD1;
        wire [WORD-1:0] word = words[((f==0)?k*WORD0:`UNITS*WORD0+k*WORD1)+:WORD];
        wire first_takes = used[2*f] && units[2*f+:2] == k;
        wire second_takes = used[2*f+1] && units[2*f+:2] + {2'b00, used[2*f]} == k;
        wire takes = first_takes || second_takes;
        wire [3:0] pair = first_takes ? list_i[8*f+:4] : list_i[8*f+4+:4];
        wire [1:0] upper = pair[3:2];
        wire [1:0] lower = pair[1:0];
        // The codes of the two positions, and the number that they stand for.
        wire [15:0] upper_codes = mode4_i ? codes_i >> {upper, 2'b00} : codes_i[8*f+:8] >> {upper, 1'b0};
        wire [15:0] lower_codes = mode4_i ? codes_i >> {lower, 2'b00} : codes_i[8*f+:8] >> {lower, 1'b0};
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
        wire [2:0] lane = (f == 0 && mode4_i) ? {upper, 1'b0} : {1'b0, upper};
        wire [2:0] shift = mx_scale_i[8*f+:3];
        always @* begin
          if (load_i && !(mode4_i && f == 1)) assert (write[f*`UNITS+k] == (first_i || takes));
          if (!load_i) assert (!write[f*`UNITS+k]);
          if (load_i && !list_error && !unit_error) begin
            if (takes) assert (word[SIG-1:0] == significand[SIG-1:0]);
            if (takes) assert (word[WORD-1-:3] == shift && word[WORD-4-:LANE] == lane[LANE-1:0]);
            if (takes && `ROWS > 1) assert (word[SIG+:(ROW_BITS==0?1:ROW_BITS)] ==
                row_i[(ROW_BITS==0?1:ROW_BITS)-1:0]);
            if (!takes) assert (word == 0);
          end
          cover (load_i && takes && !list_error && !unit_error && significand == -5 && shift == 5);
          if (f == 0) cover (load_i && takes && !list_error && !unit_error && significand == 27 && mode4_i);
        end
      end
    end
  endgenerate

  // Slots.
  generate
    for (f = 0; f < 8; f = f + 1) begin : gen_slot
      wire [1:0] in_mode4 = f / 2;  // position of the two bits
      wire [3:0] hit;
      for (e = 0; e < 4; e = e + 1) begin : gen_entry
        wire [1:0] place = mode4_i ? in_mode4 : f[1:0];
        wire mine = mode4_i ? e < 2 : e / 2 == f / 4;
        assign hit[e] = used[e] && mine && (list_i[4*e+:2] == place || list_i[4*e+2+:2] == place);
      end
      always @* if (load_i) assert (codes[2*f+:2] == (|hit ? 2'b00 : codes_i[2*f+:2]));
    end
  endgenerate
  always @* begin
    // A band of one row with two units has one for every entry of a list that is no error.
    cover (unit_error && !list_error && used == 4'b0001 + (`UNITS > 1 || `ROWS == 1) * 2
        || (`ROWS == 1 && `UNITS == 2));
    cover (load_i && !first_i && has_outliers_i != 0 && !unit_error && !list_error || `ROWS == 1);
  end
endmodule
`default_nettype wire
