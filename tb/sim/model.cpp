#include "tb/sim/model.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

#include <cassert>
#include <cstring>

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

struct Model::Library {
  void* handle = nullptr;
  void* instance = nullptr;
  decltype(&msq_model_create) create = nullptr;
  decltype(&msq_model_destroy) destroy = nullptr;
  decltype(&msq_model_ports) list_ports = nullptr;
  decltype(&msq_model_eval) evaluate = nullptr;
  decltype(&msq_model_trace_open) trace_open = nullptr;
  decltype(&msq_model_trace_dump) trace_dump = nullptr;
  decltype(&msq_model_coverage_write) write_coverage = nullptr;
  std::vector<MsqModelPort> ports;
  bool tracing = false;

  Library() = default;
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;
  ~Library() {
    if (instance != nullptr) destroy(instance);
    if (handle != nullptr) ::dlclose(handle);
  }

  Result<> open(const std::filesystem::path& path) {
    handle = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (handle == nullptr) return Error(fmt::format("{}: {}", path.string(), ::dlerror()));
    if (load(create, "msq_model_create") && load(destroy, "msq_model_destroy") &&
        load(list_ports, "msq_model_ports") && load(evaluate, "msq_model_eval") &&
        load(trace_open, "msq_model_trace_open") && load(trace_dump, "msq_model_trace_dump") &&
        load(write_coverage, "msq_model_coverage_write"))
      return {};
    return Error(fmt::format("{}: not a model of the core: {}", path.string(), ::dlerror()));
  }

  template <class Function>
  bool load(Function& function, const char* name) {
    function = reinterpret_cast<Function>(::dlsym(handle, name));
    return function != nullptr;
  }
};

bool Model::is_model(const std::filesystem::path& path) { return Library().open(path).has_value(); }

Result<Model> Model::open(const std::filesystem::path& path, unsigned seed) {
  auto library = std::make_shared<Library>();
  MSQ_CHECK(library->open(path));
  Library& l = *library;
  l.instance = l.create(seed);
  int count = 0;
  const MsqModelPort* ports = l.list_ports(l.instance, &count);
  l.ports.assign(ports, ports + count);
  Model model;
  model.library_ = std::move(library);
  model.clock_port_ = model.port("clk_i");
  if (!model.clock_port_.exists()) model.clock_port_ = model.port("aclk");  // of the shell
  // Inputs start at random too; a clock that starts high would swallow the first edge.
  if (model.clock_port_.exists()) model.clock_port_.set(0);
  return model;
}

ModelPort Model::port(std::string_view name) const {
  for (const MsqModelPort& port : library_->ports) {
    if (name == port.name) return ModelPort(port);
  }
  return {};
}

const std::vector<MsqModelPort>& Model::ports() const { return library_->ports; }

void Model::eval() { library_->evaluate(library_->instance); }

void Model::clock() {
  if (library_->tracing) library_->trace_dump(library_->instance, 10 * cycles_ + 4);
  clock_port_.set(1);
  eval();
  if (library_->tracing) library_->trace_dump(library_->instance, 10 * cycles_ + 5);
  clock_port_.set(0);
  ++cycles_;
}

bool Model::trace(const std::filesystem::path& file) {
  library_->tracing = library_->trace_open(library_->instance, file.c_str()) != 0;
  return library_->tracing;
}

bool Model::write_coverage(const std::filesystem::path& file) const {
  return library_->write_coverage(library_->instance, file.c_str()) != 0;
}

}  // namespace msq::tb
