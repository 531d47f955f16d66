// The same few functions for every Verilated model: make it, find its pins by name, run its clocks. No behaviour lives here.
//
// fn_ports.inc is cut from the model's header by the Makefile: one line FN_PORT(name, bits, direction) for each pin.
// A C# caller resolves each pin's address once and then reads and writes the memory itself.
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstring>

#include "Vtop.h"
#include "verilated.h"
#ifdef FN_TRACE
#include "verilated_fst_c.h"
#endif
#if VM_COVERAGE
#include <cstdlib>
#include <string>
#include <unistd.h>
#include "verilated_cov.h"
#endif

#define FN_API extern "C" __attribute__((visibility("default")))

enum Direction : int32_t { FN_IN = 0, FN_OUT = 1, FN_INOUT = 2 };

namespace {

constexpr int MaxClocks = 8;

// What the model's $fatal, $error, $stop and failed assertions leave for the caller. The flag, for all threads, spares the good case the
// look at a thread's own memory.
thread_local char t_failure[512];
std::atomic<bool> s_anyFailure{false};

void fail(const char* what, const char* file, int line) {
  if (t_failure[0] == 0) std::snprintf(t_failure, sizeof t_failure, "%s (%s:%d)", what, file, line);
  s_anyFailure.store(true, std::memory_order_relaxed);
}

bool failed() { return s_anyFailure.load(std::memory_order_relaxed) && t_failure[0] != 0; }

struct Model {
  VerilatedContext context;
  Vtop* top = nullptr;
  CData* clocks[MaxClocks] = {};
  int clockCount = 0;
#ifdef FN_TRACE
  VerilatedFstC* trace = nullptr;
#endif

  // A clock is a pin named clk, or one whose name ends in _clk.
  void addClock(const char* name, void* address, int bits, Direction direction) {
    const size_t length = std::strlen(name);
    const bool isClock = std::strcmp(name, "clk") == 0 || (length > 4 && std::strcmp(name + length - 4, "_clk") == 0);
    if (isClock && bits == 1 && direction == FN_IN && clockCount < MaxClocks) clocks[clockCount++] = static_cast<CData*>(address);
  }

  void setClocks(CData level) {
    for (int i = 0; i < clockCount; i++) *clocks[i] = level;
  }

  void eval() {
    top->eval();
#ifdef FN_TRACE
    if (trace) trace->dump(context.time());
#endif
  }
};

struct Pin {
  const char* name;
  void* (*address)(Model*);
  int32_t bits;
  Direction direction;
};

const Pin Pins[] = {
#define FN_PORT(name, bits, direction) {#name, [](Model* m) -> void* { return &m->top->name; }, bits, direction},
#include "fn_ports.inc"
#undef FN_PORT
};

constexpr int PinCount = sizeof Pins / sizeof Pins[0];

}  // namespace

void vl_fatal(const char* file, int line, const char*, const char* message) { fail(message, file, line); }
void vl_stop(const char* file, int line, const char*) { fail("assertion failed, $error or $stop", file, line); }
void vl_finish(const char* file, int line, const char*) { fail("$finish", file, line); }

// Makes a model in its state before the first clock. The caller deletes it with fn_destroy.
FN_API Model* fn_create() {
  auto* model = new Model;
  model->context.fatalOnError(false);
#ifdef FN_TRACE
  model->context.traceEverOn(true);
#endif
  t_failure[0] = 0;
  model->top = new Vtop{&model->context};
  for (const Pin& pin : Pins) model->addClock(pin.name, pin.address(model), pin.bits, pin.direction);
  return model;
}

FN_API void fn_destroy(Model* model) {
#ifdef FN_TRACE
  if (model->trace) model->trace->close();
  delete model->trace;
#endif
  // The runtime takes the model's scopes out of the thread's context, which may be that of another model, and gone.
  Verilated::threadContextp(&model->context);
  model->top->final();
#if VM_COVERAGE
  // A file for each model made, as tests run side by side; hdl/sim/coverage adds them up.
  static std::atomic<int> number{0};
  if (const char* folder = std::getenv("FPGANET_COVERAGE"))
    model->context.coveragep()->write((std::string{folder} + "/" FN_MODEL "-" + std::to_string(getpid()) + "-" + std::to_string(number++) + ".dat").c_str());
#endif
  delete model->top;
  delete model;
}

FN_API int32_t fn_port_count() { return PinCount; }

// Describes pin `index`; the strings live as long as the library.
FN_API const char* fn_port(Model* model, int32_t index, void** address, int32_t* bits, int32_t* direction) {
  const Pin& pin = Pins[index];
  *address = pin.address(model);
  *bits = pin.bits;
  *direction = pin.direction;
  return pin.name;
}

// Settles combinational logic after pins changed. Returns 0, or 1 when the model failed (fn_failure says why).
FN_API int32_t fn_eval(Model* model) {
  model->eval();
  return failed();
}

// Runs all clocks together for `count` cycles, each high and then low; pins keep their values.
FN_API int32_t fn_tick(Model* model, int32_t count) {
  for (int32_t i = 0; i < count; i++) {
    model->setClocks(1);
    model->eval();
    model->context.timeInc(4);
    model->setClocks(0);
    model->eval();
    model->context.timeInc(4);
  }
  return failed();
}

// The two halves of a cycle, for a caller that looks at outputs before the edge takes its inputs: clocks fall and logic settles ...
FN_API int32_t fn_settle(Model* model) {
  model->setClocks(0);
  model->eval();
  model->context.timeInc(4);
  return failed();
}

// ... and clocks rise.
FN_API int32_t fn_rise(Model* model) {
  model->setClocks(1);
  model->eval();
  model->context.timeInc(4);
  return failed();
}

// Copies the failure text of this thread and forgets it.
FN_API void fn_failure(char* text, int32_t size) {
  std::snprintf(text, size, "%s", t_failure);
  t_failure[0] = 0;
}

// Writes down how often each of the model's coverage points was hit. Returns 0 when this build has none.
FN_API int32_t fn_coverage_write(Model* model, const char* path) {
#if VM_COVERAGE
  Verilated::threadContextp(&model->context);
  model->context.coveragep()->write(path);
  return 1;
#else
  (void)model;
  (void)path;
  return 0;
#endif
}

// Starts a waveform file; times in it are nanoseconds at 8 ns a cycle. Returns 0 when this build has no tracing.
FN_API int32_t fn_trace_open(Model* model, const char* path) {
#ifdef FN_TRACE
  model->trace = new VerilatedFstC;
  model->top->trace(model->trace, 99);
  model->trace->open(path);
  return model->trace->isOpen();
#else
  (void)model;
  (void)path;
  return 0;
#endif
}

FN_API void fn_trace_close(Model* model) {
#ifdef FN_TRACE
  if (model->trace) model->trace->close();
  delete model->trace;
  model->trace = nullptr;
#else
  (void)model;
#endif
}
