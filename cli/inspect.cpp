#include "flow/layer/inspect.hpp"

#include <fmt/format.h>

#include <memory>
#include <string>

#include "cli/command.hpp"
#include "cli/options.hpp"
#include "report/inspect.hpp"

namespace msq::cli {
namespace {

struct InspectOptions {
  std::string file, tensor;
  bool json = false;
};

Outcome run_inspect(const InspectOptions& o) {
  MSQ_TRY(const flow::Description description, flow::inspect(o.file, o.tensor));
  fmt::print("{}", report::render(description, form(o.json)));
  return kOk;
}

}  // namespace

void add_inspect(CLI::App& app, Action& action) {
  auto options = std::make_shared<InspectOptions>();
  CLI::App* command =
      app.add_subcommand("inspect", "Describe a weight file, a quantized file or a configuration");
  command
      ->add_option("file", options->file,
                   "Weights (.npy, .safetensors, .onnx), a quantized file, a configuration file, the "
                   "directory or index of a checkpoint, or a preset")
      ->required();
  command->add_option("--tensor", options->tensor,
                      "Statistics of this tensor of a checkpoint or .onnx file; TENSOR.I names expert I");
  add_json(*command, options->json);
  command->footer("Example:\n  microscopiq inspect 8x8");
  command->callback([options, &action] { action = [options] { return run_inspect(*options); }; });
}

}  // namespace msq::cli
