#include "tb/sim/model.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

#include <cassert>
#include <cstring>
#include <utility>

namespace msq::tb {

std::uint64_t ModelPort::get() const {
  assert(exists() && width_ <= 64);
  if (width_ <= 8) return *static_cast<std::uint8_t*>(data_);
  if (width_ <= 16) return *static_cast<std::uint16_t*>(data_);
  if (width_ <= 32) return *static_cast<std::uint32_t*>(data_);
  return *static_cast<std::uint64_t*>(data_);
}

void ModelPort::set(std::uint64_t value) {
  assert(exists() && width_ <= 64);
  assert(width_ == 64 || value >> width_ == 0);
  if (width_ <= 8) {
    *static_cast<std::uint8_t*>(data_) = static_cast<std::uint8_t>(value);
  } else if (width_ <= 16) {
    *static_cast<std::uint16_t*>(data_) = static_cast<std::uint16_t>(value);
  } else if (width_ <= 32) {
    *static_cast<std::uint32_t*>(data_) = static_cast<std::uint32_t>(value);
  } else {
    *static_cast<std::uint64_t*>(data_) = value;
  }
}

void ModelPort::get_words(std::span<std::uint32_t> words) const {
  assert(words.size() == word_count());
  if (width_ > 64) {
    std::memcpy(words.data(), data_, words.size_bytes());
    return;
  }
  const std::uint64_t value = get();
  words[0] = static_cast<std::uint32_t>(value);
  if (words.size() == 2) words[1] = static_cast<std::uint32_t>(value >> 32);
}

void ModelPort::set_words(std::span<const std::uint32_t> words) {
  assert(words.size() == word_count());
  if (width_ > 64) {
    std::memcpy(data_, words.data(), words.size_bytes());
    return;
  }
  set(words.size() == 2 ? words[0] | static_cast<std::uint64_t>(words[1]) << 32 : words[0]);
}

bool Engine::trace_open(const std::filesystem::path& /*file*/) { return false; }

void Engine::trace_dump(std::uint64_t /*time*/) {}

bool Engine::write_coverage(const std::filesystem::path& /*file*/) const { return false; }

namespace {

/// A shared object and its instance of the model.
class Library final : public Engine {
 public:
  ~Library() override {
    if (instance_ != nullptr) destroy_(instance_);
    if (handle_ != nullptr) ::dlclose(handle_);
  }

  Result<> open(const std::filesystem::path& path) {
    handle_ = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (handle_ == nullptr) return Error(fmt::format("{}: {}", path.string(), ::dlerror()));
    if (load(create_, "msq_model_create") && load(destroy_, "msq_model_destroy") &&
        load(list_ports_, "msq_model_ports") && load(evaluate_, "msq_model_eval") &&
        load(trace_open_, "msq_model_trace_open") && load(trace_dump_, "msq_model_trace_dump") &&
        load(write_coverage_, "msq_model_coverage_write"))
      return {};
    return Error(fmt::format("{}: not a model of the core: {}", path.string(), ::dlerror()));
  }

  void create(unsigned seed) {
    instance_ = create_(seed);
    int count = 0;
    const MsqModelPort* ports = list_ports_(instance_, &count);
    ports_.assign(ports, ports + count);
  }

  [[nodiscard]] const std::vector<MsqModelPort>& ports() const override { return ports_; }
  void eval() override { evaluate_(instance_); }
  bool trace_open(const std::filesystem::path& file) override {
    return trace_open_(instance_, file.c_str()) != 0;
  }
  void trace_dump(std::uint64_t time) override { trace_dump_(instance_, time); }
  [[nodiscard]] bool write_coverage(const std::filesystem::path& file) const override {
    return write_coverage_(instance_, file.c_str()) != 0;
  }

 private:
  template <class Function>
  bool load(Function& function, const char* name) {
    function = reinterpret_cast<Function>(::dlsym(handle_, name));
    return function != nullptr;
  }

  void* handle_ = nullptr;
  void* instance_ = nullptr;
  decltype(&msq_model_create) create_ = nullptr;
  decltype(&msq_model_destroy) destroy_ = nullptr;
  decltype(&msq_model_ports) list_ports_ = nullptr;
  decltype(&msq_model_eval) evaluate_ = nullptr;
  decltype(&msq_model_trace_open) trace_open_ = nullptr;
  decltype(&msq_model_trace_dump) trace_dump_ = nullptr;
  decltype(&msq_model_coverage_write) write_coverage_ = nullptr;
  std::vector<MsqModelPort> ports_;
};

}  // namespace

bool Model::is_model(const std::filesystem::path& path) { return Library().open(path).has_value(); }

Result<Model> Model::open(const std::filesystem::path& path, unsigned seed) {
  const auto library = std::make_shared<Library>();
  MSQ_CHECK(library->open(path));
  library->create(seed);
  return Model(library);
}

Model::Model(std::shared_ptr<Engine> engine) : engine_(std::move(engine)), clock_port_(port("clk_i")) {
  if (!clock_port_.exists()) clock_port_ = port("aclk");  // of the shell
  // Inputs start at random too; a clock that starts high would swallow the first edge.
  if (clock_port_.exists()) clock_port_.set(0);
}

OpenModel models_of(const std::filesystem::path& library) {
  return [library](unsigned seed) { return Model::open(library, seed); };
}

ModelPort Model::port(std::string_view name) const {
  for (const MsqModelPort& port : ports()) {
    if (name == port.name) return ModelPort(port);
  }
  return {};
}

const std::vector<MsqModelPort>& Model::ports() const { return engine_->ports(); }

void Model::eval() { engine_->eval(); }

void Model::clock() {
  if (tracing_) engine_->trace_dump(10 * cycles_ + 4);
  clock_port_.set(1);
  eval();
  if (tracing_) engine_->trace_dump(10 * cycles_ + 5);
  clock_port_.set(0);
  ++cycles_;
}

bool Model::trace(const std::filesystem::path& file) {
  tracing_ = engine_->trace_open(file);
  return tracing_;
}

bool Model::write_coverage(const std::filesystem::path& file) const { return engine_->write_coverage(file); }

}  // namespace msq::tb
