#pragma once
// For cli_test: a gateway of a few lines, and time that passes by sleeping.

#include <chrono>
#include <deque>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "services/cli/commands.h"
#include "services/cli/session.h"

namespace renxin::cli {

// Answers with what `answer` gives; keeps what was asked.
struct FakeGateway {
  std::function<HttpReply(const HttpRequest&)> answer;
  std::vector<HttpRequest> requests;

  HttpReply Handle(const HttpRequest& request) {
    requests.push_back(request);
    return answer(request);
  }
};

inline std::string HeaderOf(const HttpRequest& request, std::string_view name) {
  for (const auto& [key, value] : request.headers) {
    if (key == name) return value;
  }
  return "";
}

class FakeTransport final : public Transport {
 public:
  explicit FakeTransport(FakeGateway& gateway) : gateway_(gateway) {}
  HttpReply Send(const HttpRequest& request) override { return gateway_.Handle(request); }

 private:
  FakeGateway& gateway_;
};

// A folder of a test's own, somebody signed in, and the command line run in it.
class CliFixture {
 public:
  CliFixture() {
    std::string name = (std::filesystem::temp_directory_path() / "renxin-cli-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    SaveSession(session(),
                {.url = "https://gate:1", .username = "admin", .access_token = "t1", .expires_at = 4'000'000'000, .password_file = ""});
  }
  ~CliFixture() { std::filesystem::remove_all(folder_); }

  std::filesystem::path session() const { return folder_ / "session.json"; }
  std::filesystem::path Write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name) << text;
    return folder_ / name;
  }
  const std::filesystem::path& folder() const { return folder_; }

  int Run(std::vector<std::string> words) {
    words.insert(words.begin(), {"renxin", "--url", "https://gate:1", "--session", session().string()});
    std::vector<const char*> argv;
    argv.reserve(words.size());
    for (const std::string& word : words) argv.push_back(word.c_str());
    std::ostringstream out_stream;
    std::ostringstream err_stream;
    const Clock clock{.now = [this] { return now_; }, .sleep = [this](std::chrono::milliseconds d) { now_ += d; }};
    const auto begin = now_;
    const int code =
        cli::Run(static_cast<int>(argv.size()), argv.data(),
                 {.out = out_stream,
                  .err = err_stream,
                  .terminal = false,
                  .clock = clock,
                  .connect = [this](const std::string&, const std::string&) { return std::make_unique<FakeTransport>(gateway); }});
    out = out_stream.str();
    err = err_stream.str();
    slept = std::chrono::duration_cast<std::chrono::milliseconds>(now_ - begin);
    return code;
  }

  FakeGateway gateway{.answer = [](const HttpRequest&) { return HttpReply{.status = 404}; }, .requests = {}};
  std::string out;
  std::string err;
  std::chrono::milliseconds slept{0};

 private:
  std::filesystem::path folder_;
  std::chrono::steady_clock::time_point now_{};
};

}  // namespace renxin::cli
