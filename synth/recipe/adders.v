// Carries of all adders for `techmap`, in place of its own (Brent-Kung): a chain, which is small and which
// abc shortens where a path needs it, or Sklansky's tree, which has the fewest levels.
(* techmap_celltype = "$lcu" *)
module _80_lcu (P, G, CI, CO);
  parameter WIDTH = 2;
  (* force_downto *)
  input [WIDTH-1:0] P, G;
  input CI;
  (* force_downto *)
  output [WIDTH-1:0] CO;
  integer i, j;
  (* force_downto *)
  reg [WIDTH-1:0] p, g;
  wire [1023:0] _TECHMAP_DO_ = "proc; opt -fast";
  always @* begin
    p = P;
    g = G;
    g[0] = g[0] | (p[0] & CI);
`ifdef SKLANSKY
    for (i = 1; i < WIDTH; i = i*2) begin
      for (j = i; j < WIDTH; j = j + 1) begin
        if ((j / i) % 2 == 1) begin
          g[j] = g[j] | p[j] & g[(j/i)*i-1];
          p[j] = p[j] & p[(j/i)*i-1];
        end
      end
    end
`else
    for (i = 1; i < WIDTH; i = i + 1) g[i] = g[i] | p[i] & g[i-1];
`endif
  end
  assign CO = g;
endmodule
