#include "services/cli/import.h"

#include <algorithm>

#include "services/cli/digest.h"
#include "services/cli/operation.h"
#include "shared/core/text.h"

namespace renxin::cli {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

constexpr milliseconds kFinishPause{300};
constexpr std::size_t kCodesShown = 12;
constexpr const char* kCounts[] = {
    "read", "created", "updated", "unchanged", "waiting", "refused", "blank", "households_proposed", "placeholder_birthdays"};

struct Operation {
  ImportFile file;
  std::string id;
  json::object last;  // as the service last answered it

  std::string state() const { return OperationState(last); }
  bool over() const { return HasEnded(last); }
};

struct Closed {
  std::string kind;
  std::int64_t refused = 0;
  std::int64_t still_waiting = 0;
};

class Importer {
 public:
  Importer(Api& api, Console& console, const std::vector<std::string>& kinds, const ImportOptions& options)
      : api_(api), console_(console), kinds_(kinds), options_(options), nonce_(ToHex(RandomBytes(16))) {}

  Exit Run() {
    api_.set_patience(options_.timeout);
    for (const ImportFile& file : options_.files) {
      if (std::count(kinds_.begin(), kinds_.end(), file.kind) > 0) {
        operations_.push_back(Upload(file));
      } else {
        not_there_.push_back(file.kind);
        console_.PrintInfo(file.path.string() + ": no service takes " + file.kind + " yet");
      }
    }
    WaitForAll();
    if (options_.finish && !options_.dry_run) CloseIfSound();
    Print();
    if (AnyFailed()) return Exit::kFailed;
    return not_there_.empty() ? Exit::kOk : Exit::kNotThere;
  }

 private:
  Operation Upload(const ImportFile& file) {
    const Form form{.fields = {{"kind", file.kind}, {"source", options_.source}, {"dry_run", options_.dry_run ? "true" : "false"}},
                    .file = file.path};
    const std::string key = UploadKey(FileDigest(file.path), file.kind, options_.source, options_.dry_run, nonce_);
    json::object answer = api_.Upload("/v1/imports", form, key, [&](std::uint64_t sent, std::uint64_t of) {
      console_.Progress(file.kind + " sending " + Bar(sent, of));
    });
    const std::string id = cli::Text(answer, "id");
    if (id.empty()) throw CliError(Exit::kFailed, "the gateway named no operation for " + file.kind);
    return {file, id, std::move(answer)};
  }

  // True when something has moved on since the last look.
  bool Poll(Operation* operation) {
    json::object now = api_.Get("/v1/operations/" + PercentEncode(operation->id));
    const bool moved = json::serialize(now) != json::serialize(operation->last);
    operation->last = std::move(now);
    return moved;
  }

  void WaitForAll() {
    auto end = api_.clock().now() + options_.timeout;
    milliseconds pause = kFirstPoll;
    for (;;) {
      std::vector<std::string> under_way;
      for (Operation& operation : operations_) {
        if (operation.over()) continue;
        if (Poll(&operation)) end = api_.clock().now() + options_.timeout;
        if (!operation.over())
          under_way.push_back(operation.file.kind + " " + Bar(static_cast<std::uint64_t>(Int(operation.last, "percent")), 100));
      }
      if (under_way.empty()) return;
      if (api_.clock().now() > end) throw CliError(Exit::kTimeout, "nothing moves: " + Join(under_way, ", "));
      console_.Progress(under_way.front() + (under_way.size() > 1 ? ", " + std::to_string(under_way.size() - 1) + " more" : ""));
      api_.clock().sleep(pause);
      pause = std::min(2 * pause, kSlowestPoll);
    }
  }

  bool AnyFailed() const {
    return std::any_of(operations_.begin(), operations_.end(), [](const Operation& o) { return o.state() != "done"; });
  }

  // A file that was refused as a whole will come again, mended: what waits for its rows must not be refused now.
  void CloseIfSound() {
    if (AnyFailed()) {
      console_.PrintInfo("a file was refused as a whole, so " + options_.source +
                         " is not finished: mend it, import again, then --finish " + options_.source);
      return;
    }
    Close();
    for (Operation& operation : operations_) Poll(&operation);
  }

  void Close() {
    for (const std::string& kind : kinds_) closed_.push_back({.kind = kind, .still_waiting = 1});
    const auto end = api_.clock().now() + options_.timeout;
    for (int round = 1;; ++round) {
      std::vector<std::string> waiting;
      for (Closed& closed : closed_) {
        if (closed.still_waiting == 0) continue;
        console_.Progress("finishing " + closed.kind);
        // A key per round: the answer to the last one is remembered under its own.
        const std::string key = TextDigest(nonce_ + " finish " + closed.kind + " " + std::to_string(round));
        const json::object answer = api_.Post("/v1/imports:finish", {{"kind", closed.kind}, {"source", options_.source}}, key);
        closed.refused += Int(answer, "refused");
        closed.still_waiting = Int(answer, "still_waiting");
        if (closed.still_waiting > 0) waiting.push_back(closed.kind + " " + std::to_string(closed.still_waiting));
      }
      if (waiting.empty()) return;
      if (api_.clock().now() > end) throw CliError(Exit::kTimeout, "rows still wait: " + Join(waiting, ", "));
      api_.clock().sleep(kFinishPause);
    }
  }

  json::object AsJson() const {
    json::array files;
    for (const Operation& operation : operations_) {
      const json::object& answered = Inner(Inner(operation.last, "import"), "report");
      json::object report;
      for (const char* name : kCounts) report[name] = Int(answered, name);
      report["new_codes"] = cli::List(answered, "new_codes");
      json::object file{
          {"kind", operation.file.kind}, {"operation", operation.id}, {"state", operation.state()}, {"report", std::move(report)}};
      if (operation.state() == "failed") file["failure"] = cli::Text(Inner(operation.last, "failure"), "message");
      files.push_back(std::move(file));
    }
    json::array finish;
    for (const Closed& closed : closed_) {
      finish.push_back(json::object{{"kind", closed.kind}, {"refused", closed.refused}, {"still_waiting", closed.still_waiting}});
    }
    json::object out{{"files", std::move(files)}, {"finish", std::move(finish)}};
    if (!not_there_.empty()) out["not_there"] = json::value_from(not_there_);
    return out;
  }

  std::string AsText() const {
    Table table({{"kind 类型"},
                 {"read 读取", Align::kRight},
                 {"created 新建", Align::kRight},
                 {"updated 更新", Align::kRight},
                 {"unchanged 未变", Align::kRight},
                 {"waiting 等待", Align::kRight},
                 {"refused 拒绝", Align::kRight},
                 {"blank 空行", Align::kRight},
                 {"households 家庭", Align::kRight},
                 {"placeholder birthdays 占位生日", Align::kRight},
                 {"new codes 新代码", Align::kRight}});
    for (const Operation& operation : operations_) AddRow(operation, &table);
    std::string text = table.empty() ? "" : table.ToText();
    if (options_.dry_run) text += "a dry run: nothing was kept\n";
    for (const Closed& closed : closed_) {
      if (closed.refused > 0) {
        text += "finish: " + closed.kind + ": " + std::to_string(closed.refused) + " refused, what they name never came\n";
      }
    }
    if (!closed_.empty()) text += options_.source + " is finished: nothing waits\n";
    return text;
  }

  static void AddRow(const Operation& operation, Table* table) {
    const json::object& report = Inner(Inner(operation.last, "import"), "report");
    std::vector<std::string> cells{operation.file.kind};
    for (const char* name : kCounts) cells.push_back(std::to_string(Int(report, name)));
    std::vector<std::string> codes;
    for (const json::value& code : cli::List(report, "new_codes")) {
      if (code.is_string()) codes.emplace_back(code.get_string());
    }
    const std::size_t count = codes.size();
    cells.push_back(std::to_string(count));
    table->Row(std::move(cells));
    if (operation.state() == "failed") table->PrintInfo("refused as a whole: " + cli::Text(Inner(operation.last, "failure"), "message"));
    if (Int(report, "refused") > 0) table->PrintInfo("the refused rows with reasons: GET /v1/imports/" + operation.id + "/refused.csv");
    if (count == 0) return;
    codes.resize(std::min(count, kCodesShown));
    table->PrintInfo("new: " + Join(codes, ", ") + (count > kCodesShown ? " and " + std::to_string(count - kCodesShown) + " more" : ""));
  }

  void Print() { console_.Result(AsJson(), AsText()); }

  Api& api_;
  Console& console_;
  const std::vector<std::string>& kinds_;
  const ImportOptions& options_;
  const std::string nonce_;
  std::vector<Operation> operations_;
  std::vector<std::string> not_there_;
  std::vector<Closed> closed_;
};

}  // namespace

const std::vector<std::string>& FormatKinds() {
  static const std::vector<std::string> kKinds{"staff",        "moves",  "partners",    "customers",   "leads",
                                               "appointments", "visits", "settlements", "attributions"};
  return kKinds;
}

std::vector<ImportFile> FilesIn(const fs::path& folder) {
  std::vector<ImportFile> files;
  std::error_code error;
  for (const std::string& kind : FormatKinds()) {
    const fs::path path = folder / (kind + ".csv");
    if (fs::is_regular_file(path, error)) files.push_back({kind, path});
  }
  if (files.empty()) throw CliError(Exit::kNotThere, "no file of format 1 in " + folder.string());
  return files;
}

std::string UploadKey(std::string_view file_digest, std::string_view kind, std::string_view source, bool dry_run, std::string_view nonce) {
  std::string text(file_digest);
  for (const std::string_view part : {kind, source, std::string_view(dry_run ? "dry" : "real"), nonce}) text.append("\n").append(part);
  return TextDigest(text);
}

Exit Import(Api& api, Console& console, const std::vector<std::string>& kinds, const ImportOptions& options) {
  return Importer(api, console, kinds, options).Run();
}

}  // namespace renxin::cli
