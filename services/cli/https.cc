#include "services/cli/https.h"

#include <curl/curl.h>

#include <array>
#include <cstring>
#include <fstream>

#include "services/cli/exit_code.h"

namespace renxin::cli {
namespace {

using MimePtr = std::unique_ptr<curl_mime, decltype(&curl_mime_free)>;
using HeadersPtr = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;

void* NewHandle() {
  static const CURLcode kReady = curl_global_init(CURL_GLOBAL_DEFAULT);
  void* handle = kReady == CURLE_OK ? curl_easy_init() : nullptr;
  if (handle == nullptr) throw std::runtime_error("libcurl does not start");
  return handle;
}

template <typename T>
void Set(void* curl, CURLoption option, T value) {
  static_assert(!std::is_integral_v<T> || std::is_same_v<T, long> || std::is_same_v<T, curl_off_t>, "libcurl reads a long");
  const CURLcode code = curl_easy_setopt(curl, option, value);
  if (code != CURLE_OK) throw std::runtime_error(std::string("libcurl: ") + curl_easy_strerror(code));
}

// The file of a form, as libcurl asks for it. Never more than its size at the beginning: that much was announced.
struct FileSource {
  explicit FileSource(const std::filesystem::path& path) : file(path, std::ios::binary) {
    std::error_code error;
    size = std::filesystem::file_size(path, error);
    if (error || !file) throw CliError(Exit::kFailed, path.string() + " cannot be read");
  }

  static std::size_t Read(char* room, std::size_t size, std::size_t count, void* self) {
    auto& source = *static_cast<FileSource*>(self);
    const auto wanted = static_cast<std::streamsize>(std::min<std::uint64_t>(size * count, source.size - source.sent));
    source.file.read(room, wanted);
    source.shortened = source.file.gcount() != wanted;
    source.sent += static_cast<std::uint64_t>(wanted);
    return source.shortened ? CURL_READFUNC_ABORT : static_cast<std::size_t>(wanted);
  }

  // For a request that is sent again because the kept connection had been closed.
  static int Seek(void* self, curl_off_t offset, int origin) {
    auto& source = *static_cast<FileSource*>(self);
    source.file.clear();
    if (origin != SEEK_SET || !source.file.seekg(offset)) return CURL_SEEKFUNC_FAIL;
    source.sent = static_cast<std::uint64_t>(offset);
    return CURL_SEEKFUNC_OK;
  }

  std::ifstream file;
  std::uint64_t size = 0;
  std::uint64_t sent = 0;
  bool shortened = false;
};

HeadersPtr Headers(const HttpRequest& request) {
  HeadersPtr list(curl_slist_append(nullptr, "Accept: application/json"), &curl_slist_free_all);
  const auto add = [&](const std::string& line) {
    if (curl_slist_append(list.get(), line.c_str()) == nullptr) throw std::bad_alloc();
  };
  for (const auto& [name, value] : request.headers) add(name + ": " + value);
  return list;
}

MimePtr FormBody(void* curl, const Form& form, FileSource* source) {
  MimePtr mime(curl_mime_init(curl), &curl_mime_free);
  for (const auto& [name, value] : form.fields) {
    curl_mimepart* part = curl_mime_addpart(mime.get());
    curl_mime_name(part, name.c_str());
    curl_mime_data(part, value.data(), value.size());
  }
  curl_mimepart* part = curl_mime_addpart(mime.get());
  curl_mime_name(part, "file");
  curl_mime_filename(part, form.file.filename().c_str());
  curl_mime_type(part, "text/csv");
  curl_mime_data_cb(part, static_cast<curl_off_t>(source->size), &FileSource::Read, &FileSource::Seek, nullptr, source);
  return mime;
}

// libcurl takes the end of a connection for the end of an answer that gave no length, also where it was cut.
bool EndIsKnown(void* curl) {
  curl_off_t length = -1;
  curl_easy_getinfo(curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  curl_header* chunked = nullptr;
  return length >= 0 || status == 204 || curl_easy_header(curl, "Transfer-Encoding", 0, CURLH_HEADER, -1, &chunked) == CURLHE_OK;
}

}  // namespace

std::string ParseUrl(const std::string& url) {
  const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> parsed(curl_url(), &curl_url_cleanup);
  const auto part = [&](CURLUPart which) {
    char* text = nullptr;
    const bool there = curl_url_get(parsed.get(), which, &text, CURLU_DEFAULT_PORT) == CURLUE_OK;
    const std::unique_ptr<char, decltype(&curl_free)> owner(text, &curl_free);
    return std::string(there ? text : "");
  };
  const std::string bare = url.substr(0, url.find_last_not_of('/') + 1);
  const bool read = curl_url_set(parsed.get(), CURLUPART_URL, bare.c_str(), CURLU_DISALLOW_USER) == CURLUE_OK;
  const bool more = part(CURLUPART_PATH) != "/" || bare.find_first_of("?#") != std::string::npos;
  if (!read || part(CURLUPART_SCHEME) != "https" || more || part(CURLUPART_PORT) == "0") {
    throw CliError(Exit::kUsage, "--url is no https://host:port: " + url);
  }
  return "https://" + part(CURLUPART_HOST) + ":" + part(CURLUPART_PORT);
}

// What one request needs while libcurl works on it, and what came back.
struct Https::Exchange {
  explicit Exchange(const HttpRequest& asked, std::uint64_t most) : request(asked), reply_max(most) {
    if (request.form) file.emplace(request.form->file);
  }

  static std::size_t Write(char* bytes, std::size_t size, std::size_t count, void* self) {
    auto& exchange = *static_cast<Exchange*>(self);
    exchange.too_long = exchange.reply.body.size() + size * count > exchange.reply_max;
    if (exchange.too_long) return 0;
    exchange.reply.body.append(bytes, size * count);
    return size * count;
  }

  static int Progress(void* self, curl_off_t, curl_off_t, curl_off_t of, curl_off_t sent) {
    const auto& progress = static_cast<Exchange*>(self)->request.progress;
    if (progress && of > 0) progress(static_cast<std::uint64_t>(sent), static_cast<std::uint64_t>(of));
    return 0;
  }

  const HttpRequest& request;
  std::uint64_t reply_max;
  std::optional<FileSource> file;
  HttpReply reply;
  bool too_long = false;
  std::array<char, CURL_ERROR_SIZE> error{};
};

Https::Https(const std::string& url, std::string ca_file, HttpsLimits limits)
    : url_(ParseUrl(url)), ca_file_(std::move(ca_file)), limits_(limits), curl_(NewHandle(), &curl_easy_cleanup) {}

void Https::SetTrust() {
  void* curl = curl_.get();
  Set(curl, CURLOPT_PROTOCOLS_STR, "https");
  Set(curl, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  // The environment's proxies are for other programs: a token goes to the gateway and nowhere else.
  Set(curl, CURLOPT_PROXY, "");
  if (ca_file_.empty()) return;
  Set(curl, CURLOPT_CAINFO, ca_file_.c_str());
  // Else the machine's authorities were trusted beside the one that was named.
  Set(curl, CURLOPT_CAPATH, static_cast<const char*>(nullptr));
}

void Https::SetLimits(const Exchange& exchange) {
  void* curl = curl_.get();
  const std::uint64_t file_seconds = exchange.file ? exchange.file->size / limits_.slowest_bytes_per_second : 0;
  Set(curl, CURLOPT_NOSIGNAL, 1L);
  Set(curl, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(limits_.connect.count()));
  Set(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(limits_.whole.count() + static_cast<long>(file_seconds) * 1'000));
  Set(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
  Set(curl, CURLOPT_LOW_SPEED_TIME, static_cast<long>(limits_.idle.count()));
}

HttpReply Https::Send(const HttpRequest& request) {
  void* curl = curl_.get();
  curl_easy_reset(curl);  // leaves the connection
  Exchange exchange(request, limits_.reply_bytes);
  SetTrust();
  SetLimits(exchange);
  const HeadersPtr headers = Headers(request);
  const MimePtr form = request.form ? FormBody(curl, *request.form, &*exchange.file) : MimePtr(nullptr, &curl_mime_free);
  Set(curl, CURLOPT_URL, (url_ + request.target).c_str());
  Set(curl, CURLOPT_PATH_AS_IS, 1L);
  Set(curl, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  Set(curl, CURLOPT_USERAGENT, "renxin");
  Set(curl, CURLOPT_HTTPHEADER, headers.get());
  if (form) {
    Set(curl, CURLOPT_MIMEPOST, form.get());
  } else if (request.method != "GET") {
    Set(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    Set(curl, CURLOPT_POSTFIELDS, request.body.data());
  }
  Set(curl, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  Set(curl, CURLOPT_WRITEFUNCTION, &Exchange::Write);
  Set(curl, CURLOPT_WRITEDATA, &exchange);
  Set(curl, CURLOPT_NOPROGRESS, 0L);
  Set(curl, CURLOPT_XFERINFOFUNCTION, &Exchange::Progress);
  Set(curl, CURLOPT_XFERINFODATA, &exchange);
  Set(curl, CURLOPT_ERRORBUFFER, exchange.error.data());
  if (const CURLcode code = curl_easy_perform(curl); code != CURLE_OK) Fail(code, exchange);
  if (!EndIsKnown(curl)) throw TransportError("no answer from " + url_ + ": it broke off", false);
  long status = 0;
  curl_off_t wait = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &wait);
  exchange.reply.status = static_cast<int>(status);
  exchange.reply.retry_after_seconds = wait > 0 ? static_cast<int>(std::min<curl_off_t>(wait, 86'400)) : -1;
  return std::move(exchange.reply);
}

void Https::Fail(int code, const Exchange& exchange) const {
  if (exchange.too_long) throw CliError(Exit::kFailed, url_ + " answered more than " + std::to_string(limits_.reply_bytes) + " bytes");
  if (exchange.file && exchange.file->shortened) {
    throw CliError(Exit::kFailed, exchange.request.form->file.string() + " became shorter while it was sent");
  }
  std::string why = exchange.error[0] != '\0' ? exchange.error.data() : curl_easy_strerror(static_cast<CURLcode>(code));
  long reason = 0;
  curl_easy_getinfo(curl_.get(), CURLINFO_OS_ERRNO, &reason);
  if (code == CURLE_COULDNT_CONNECT && reason != 0) why += std::string(": ") + std::strerror(static_cast<int>(reason));
  switch (code) {
    case CURLE_SSL_CACERT_BADFILE:
      throw TransportError("the certificate authority " + ca_file_ + " cannot be read: " + why, true);
    case CURLE_PEER_FAILED_VERIFICATION:
      throw TransportError("no TLS with " + url_ + ": " + why, true);
    case CURLE_SSL_CONNECT_ERROR:
      throw TransportError("no TLS with " + url_ + ": " + why, false);
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
      throw TransportError("no connection to " + url_ + ": " + why, false);
    default:
      throw TransportError("no answer from " + url_ + ": " + why, false);
  }
}

}  // namespace renxin::cli
