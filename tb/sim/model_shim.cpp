// Compiled together with the C++ that Verilator makes of one configuration, into a shared library.
#include <memory>
#include <vector>

#include "model_abi.h"
#include "msq_ports.hpp"
#include "verilated.h"
#ifdef MSQ_TRACE
#include "verilated_fst_c.h"
#endif
#if VM_COVERAGE
#include "verilated_cov.h"
#endif

namespace {

struct Model {
  VerilatedContext context;
  std::unique_ptr<MSQ_TOP> top;
  std::vector<MsqModelPort> ports;
#ifdef MSQ_TRACE
  std::unique_ptr<VerilatedFstC> trace;
#endif

  explicit Model(unsigned seed) {
    context.randReset(2);
    context.randSeed(static_cast<int>(seed));
    context.traceEverOn(true);
    top = std::make_unique<MSQ_TOP>(&context);
#define MSQ_ADD_PORT(name, width) ports.push_back({#name, width, &top->name});
    MSQ_PORTS(MSQ_ADD_PORT)
#undef MSQ_ADD_PORT
  }

  // Verilated code finds its context through a variable of the thread. Of two models of one library it may
  // be that of the other, or of one that is gone.
  void enter() { Verilated::threadContextp(&context); }

  ~Model() {
    enter();
#ifdef MSQ_TRACE
    if (trace) trace->close();
#endif
    top->final();
  }
};

Model* of(void* model) { return static_cast<Model*>(model); }

}  // namespace

void* msq_model_create(unsigned seed) { return new Model(seed); }
void msq_model_destroy(void* model) { delete of(model); }
const MsqModelPort* msq_model_ports(void* model, int* count) {
  *count = static_cast<int>(of(model)->ports.size());
  return of(model)->ports.data();
}
void msq_model_eval(void* model) {
  of(model)->enter();
  of(model)->top->eval();
}

#ifdef MSQ_TRACE
int msq_model_trace_open(void* model, const char* path) {
  Model& m = *of(model);
  m.trace = std::make_unique<VerilatedFstC>();
  m.top->trace(m.trace.get(), 99);
  m.trace->open(path);
  return m.trace->isOpen();
}
void msq_model_trace_dump(void* model, uint64_t time) {
  if (of(model)->trace) of(model)->trace->dump(time);
}
#else
int msq_model_trace_open(void*, const char*) { return 0; }
void msq_model_trace_dump(void*, uint64_t) {}
#endif

#if VM_COVERAGE
int msq_model_coverage_write(void* model, const char* path) {
  of(model)->context.coveragep()->write(path);
  return 1;
}
#else
int msq_model_coverage_write(void*, const char*) { return 0; }
#endif
