/* SPDX-License-Identifier: Apache-2.0
   Prints a trace in FST as VCD, with the reader of GTKWave that Verilator ships. waveform.py compiles it. */
#include <stdio.h>

#include "fstapi.h"

int main(int argc, char** argv) {
  void* trace = argc == 2 ? fstReaderOpen(argv[1]) : NULL;
  if (trace == NULL) return 2;
  fstReaderProcessHier(trace, stdout);
  fstReaderSetFacProcessMaskAll(trace);
  const int read = fstReaderIterBlocks(trace, NULL, NULL, stdout);
  fstReaderClose(trace);
  return read ? 0 : 2;
}
