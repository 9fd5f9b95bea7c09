#pragma once

namespace msq::synth::testing {

/// Two layers of wires, one via, an inverter of 2 x 10 um and a filler.
constexpr const char* kLef = R"lef(# comment ; MACRO
VERSION 5.4 ;
BUSBITCHARS "[]" ;
UNITS
  DATABASE MICRONS 1000 ;
END UNITS
LAYER poly
  TYPE MASTERSLICE ;
END poly
LAYER metal1
  TYPE ROUTING ;
  DIRECTION HORIZONTAL ;
  PITCH 1 ;
  WIDTH 0.5 ;
  RESISTANCE RPERSQ 0.1 ;
  CAPACITANCE CPERSQDIST 4e-05 ;
  EDGECAPACITANCE 8e-05 ;
END metal1
LAYER via
  TYPE CUT ;
END via
LAYER metal2
  TYPE ROUTING ;
  DIRECTION VERTICAL ;
  PITCH 0.8 ;
  WIDTH 0.25 ;
  RESISTANCE RPERSQ 0.05 ;
  CAPACITANCE CPERSQDIST 2e-05 ;
  EDGECAPACITANCE 6e-05 ;
END metal2
VIA M2_M1 DEFAULT
  LAYER metal1 ;
    RECT -0.2 -0.2 0.2 0.2 ;
  LAYER via ;
    RECT -0.1 -0.1 0.1 0.1 ;
  LAYER metal2 ;
    RECT -0.2 -0.2 0.2 0.2 ;
  RESISTANCE 6 ;
END M2_M1
VIARULE rule GENERATE
  LAYER metal1 ;
    WIDTH 0.3 TO 60 ;
END rule
SITE core
  SIZE 1 BY 10 ;
END core
MACRO INV
  CLASS CORE ;
  ORIGIN 0.000 0.000 ;
  SIZE 2.000 BY 10.000 ;
  PIN A
    DIRECTION INPUT ;
    PORT
      LAYER metal1 ;
        RECT 0.250 2.500 0.750 3.500 ;
    END
  END A
  PIN Y
    DIRECTION OUTPUT ;
    PORT
      LAYER metal1 ;
        RECT 1.250 4.500 1.750 5.500 ;
    END
  END Y
  PIN vdd
    USE POWER ;
    PORT
      LAYER metal1 ;
        RECT 0 9.5 2 10.5 ;
    END
  END vdd
  PIN gnd
    USE GROUND ;
    PORT
      LAYER metal1 ;
        RECT 0 -0.5 2 0.5 ;
    END
  END gnd
  OBS
    LAYER metal1 ;
      RECT 0.2 0.2 0.4 0.4 ;
  END
END INV
MACRO FILL
  SIZE 1 BY 10 ;
  PIN gnd
    USE GROUND ;
  END gnd
END FILL
MACRO FILL8
  SIZE 8 BY 10 ;
END FILL8
END LIBRARY
)lef";

/// Two inverters in a row, the second mirrored: net "n" leads from the first's output (1.5, 5) 3 um to the
/// right, up by a via, 2 um down and by another via to the second's input at (7.5, 3).
constexpr const char* kDef = R"def(VERSION 5.6 ;
DIVIDERCHAR "/" ;
DESIGN pair ;
UNITS DISTANCE MICRONS 100 ;
DIEAREA ( -100 -100 ) ( 1100 1200 ) ;
TRACKS Y -100 DO 14 STEP 100 LAYER metal1 ;
TRACKS X -100.0 DO 16 STEP 80 LAYER metal2 ;
VIAS 1 ;
- big
+ RECT metal1 ( -80 -20 ) ( 80 20 ) ;
END VIAS
COMPONENTS 3 ;
- INV_1 INV + PLACED ( 0 0 ) N ;
- FILL_1 FILL + PLACED ( 500 0 ) N ;
- INV_2 INV + PLACED ( 600 0 ) FN ;
END COMPONENTS
PINS 2 ;
- a<0> + NET a<0>
  + LAYER metal1 ( -25 -25 ) ( 25 25 )
  + PLACED ( -100 300 ) N ;
- y + NET y
  + LAYER metal1 ( -25 -25 ) ( 25 25 )
  + PLACED ( 1100 500 ) N ;
END PINS
NETS 3 ;
- a<0>
  ( PIN a<0> )
  ( INV_1 A )
+ ROUTED metal1 ( -100 300 ) ( 50 * ) ;
- n
  ( INV_1 Y )
  ( INV_2 A )
+ ROUTED metal1 ( 150 500 ) ( 450 * ) M2_M1
  NEW metal2 ( 450 500 ) ( * 300 ) M2_M1
  NEW metal1 ( 450 300 ) ( 750 * ) ;
- y
  ( INV_2 Y )
  ( PIN y )
+ ROUTED metal1 ( 700 500 ) ( 1100 * ) ;
END NETS
SPECIALNETS 3 ;
- y
+ ROUTED metal1 40 ( 650 500 ) ( 700 * ) ;
- vdd
+ FIXED metal1 40 ( 300 50 ) ( * * ) big
  NEW metal2 160 ( 300 -100 ) ( * 1200 )
 ;
END SPECIALNETS
END DESIGN
)def";

}  // namespace msq::synth::testing
