/* C interface between a compiled model of the core (a shared library made by Verilator from model_shim.cpp)
 * and the benches. It names no configuration: ports are found by name, so one bench serves every array size.
 */
#ifndef MSQ_TB_MODEL_ABI_H
#define MSQ_TB_MODEL_ABI_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Port of the model. data points to the value inside the model: 1, 2, 4 or 8 bytes for widths up to 8, 16,
 * 32, 64, else 32-bit words, least significant first. */
typedef struct {
  const char* name;
  int width;
  void* data;
} MsqModelPort;

void* msq_model_create(unsigned seed); /* seed of the random initial state of flavour `check` */
void msq_model_destroy(void* model);
const MsqModelPort* msq_model_ports(void* model, int* count);
void msq_model_eval(void* model);
/* 0 if the model was built without tracing or the file cannot be opened. */
int msq_model_trace_open(void* model, const char* path);
void msq_model_trace_dump(void* model, uint64_t time);
/* 0 if the model was built without coverage. */
int msq_model_coverage_write(void* model, const char* path);

#ifdef __cplusplus
}
#endif

#endif
