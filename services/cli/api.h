#pragma once
// Calls of the gateway as the person who is signed in: token, repeats, errors in words.

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "services/cli/exit_code.h"
#include "services/cli/json.h"
#include "services/cli/session.h"
#include "services/cli/transport.h"

namespace renxin::cli {

// Time as the commands see it, so that tests need none.
struct Clock {
  std::function<std::chrono::steady_clock::time_point()> now = [] { return std::chrono::steady_clock::now(); };
  std::function<void(std::chrono::milliseconds)> sleep;
  static Clock Real();
};

// A reply that is no success, as the problem body tells it (RFC 9457).
struct Problem {
  int status = 0;
  std::string text;  // for people
};

using Query = std::vector<std::pair<std::string, std::string>>;

class Api {
 public:
  Api(Transport& transport, std::string url, std::filesystem::path session_file, Clock clock = Clock::Real());

  // How long a call that gets no answer, or 429, 503 or 504, is repeated.
  void set_patience(std::chrono::milliseconds patience) { patience_ = patience; }
  const Clock& clock() const { return clock_; }

  void SignIn(const std::string& username, const std::filesystem::path& password_file);
  // Ends the sign-in at the gateway and forgets it here; forgets it also when the gateway cannot be reached, and then throws. Returns who
  // was signed in; empty: nobody.
  std::string SignOut();

  json::object Get(const std::string& path, const Query& query = {});
  // Every page of a list as one answer: the last page with all rows in its field `rows`.
  json::object GetAll(const std::string& path, Query query, const std::string& rows);
  // The reply, or why there was none: for callers that can go on without.
  std::optional<json::object> TryGet(const std::string& path, Problem* problem);
  // `key` is the Idempotency-Key: the same for all repeats of one call.
  json::object Post(const std::string& path, const json::object& body, const std::string& key);
  json::object Upload(const std::string& path, const Form& form, const std::string& key,
                      std::function<void(std::uint64_t, std::uint64_t)> progress);

 private:
  HttpReply Repeat(HttpRequest request);
  HttpReply Once(HttpRequest& request);
  void RequireToken();
  void RequestToken(Session session);
  void StoreTokens(Session session, const HttpReply& reply);
  bool RunsOut() const;
  bool AdoptNewer();
  bool Refresh();
  bool Renew();
  HttpReply SendUntilDeadline(const std::function<HttpReply()>& send);

  Transport& transport_;
  std::string url_;
  std::filesystem::path session_file_;
  Clock clock_;
  std::chrono::milliseconds patience_{2'000};
  std::optional<Session> session_;
};

// `/v1/x` + {{"a","b c"}} → /v1/x?a=b%20c; pairs with an empty value are left out.
std::string WithQuery(const std::string& path, const Query& query);
// For one segment of a path.
std::string PercentEncode(std::string_view text);
// The problem in words: title, detail, one line per field, the trace id.
Problem ReadProblem(const HttpReply& reply);
// 404 → kNotThere, 503 and 504 → kTimeout, everything else → kFailed.
CliError ToError(const Problem& problem);

}  // namespace renxin::cli
