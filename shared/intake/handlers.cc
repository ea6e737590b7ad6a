#include "shared/intake/handlers.h"
#include "renxin/operations/v1/operations.pb.h"
#include "shared/contract/page.h"

#include <algorithm>
#include <limits>
#include <map>

#include "renxin/common/v1/common.pb.h"
#include "renxin/intake/v1/intake.pb.h"
#include "shared/core/crash.h"
#include "shared/core/csv.h"
#include "shared/core/money.h"
#include "shared/core/text.h"
#include "shared/intake/import.h"
#include "shared/intake/store.h"
#include "shared/operations/wiring.h"
#include "shared/privacy/seal.h"
#include "shared/runtime/clock.h"

namespace renxin::intake {
namespace {

using operations::State;

const contract::List kRefusedList{"refused_rows", {contract::KeyPart::kNumber}};
constexpr std::size_t kChunkMax = 128 * 1024;
constexpr int kRefusedPage = 300;
constexpr int kOpenUploadsMax = 8;
constexpr std::chrono::hours kUploadOpen{24};
constexpr db::Aged kRefused{.table = "refused_rows", .at = "refused_at"};
constexpr std::chrono::hours kRefusedKept{90 * 24};

struct Loaded {
  operations::Operation op;
  store::Import import;
};

Result<Loaded> LoadOrRefuse(Tx& tx, const std::string& id, bool for_update) {
  auto op = operations::Load(tx, id, for_update);
  auto import = store::Load(tx, id, for_update);
  if (!op || !import) return NotFound("operation");
  return Loaded{std::move(*op), std::move(*import)};
}

Error TooManyUploads() {
  return {Code::kTooManyRequests,
          Reason::kTooManyUploads,
          std::to_string(kOpenUploadsMax) + " uploads of yours are open; complete or cancel one, or wait until it is a day old",
          {},
          60'000};
}

Result<v1::BeginImportResponse> Begin(const Engine& engine, Tx& tx, const CallContext& ctx, const v1::BeginImportRequest& req) {
  if (engine.Find(req.kind()) == nullptr) return InvalidField("kind", "in", "no such kind of file");
  if (req.source() == kOwnSource) return InvalidField("source", "L11", "is the suite's own; an outside system has another name");
  // One at a time for an account, so that they are counted.
  db::HoldKeys(tx, "uploads", {ctx.caller.username});
  if (operations::CountOf(tx, kImportType, State::OPERATION_STATE_RECEIVING, ctx.caller.username) >= kOpenUploadsMax)
    return TooManyUploads();
  const operations::Operation op = operations::Insert(
      tx, {.service = engine.service(), .type = kImportType, .subject = req.kind(), .state = State::OPERATION_STATE_RECEIVING},
      ctx.caller.username, ctx.now);
  store::Insert(tx, {.id = op.id, .kind = req.kind(), .source = req.source(), .dry_run = req.dry_run()});
  v1::BeginImportResponse res;
  res.set_upload_id(op.id);
  return res;
}

// An upload is resumed under its idempotency key; what comes is not what came before.
static Error OtherFile() {
  return {Code::kInvalidArgument, Reason::kIdempotencyKeyReused, "this Idempotency-Key was used for another file"};
}

Result<operations::v1::Operation> FinishUpload(Tx& tx, const CallContext& ctx, const common::v1::UploadRef& req) {
  ASSIGN_OR_RETURN(Loaded loaded, LoadOrRefuse(tx, req.upload_id(), true));
  if (loaded.op.state != State::OPERATION_STATE_RECEIVING) return operations::Describe(tx, loaded.op);
  if (loaded.op.cancel_requested) return WrongState("the operation is cancelled");
  if (store::ReceivedBytes(tx, req.upload_id()) != req.size()) return OtherFile();
  loaded.import.size = req.size();
  store::Save(tx, loaded.import);
  operations::Start(tx, &loaded.op, req.size(), ctx.now);
  return operations::Describe(tx, loaded.op);
}

Result<common::v1::BytesPage> DownloadRefused(const Engine& engine, Tx& tx, const CallContext& ctx, const v1::DownloadRefusedRequest& req) {
  ASSIGN_OR_RETURN(const Loaded loaded, LoadOrRefuse(tx, req.id(), false));
  const store::Import& op = loaded.import;
  ASSIGN_OR_RETURN(const contract::Page asked, contract::ReadPage(kRefusedList, 0, req.page_token()));
  common::v1::BytesPage page;
  std::string text;
  if (asked.first()) {
    std::vector<std::string> header{"line", "reason"};
    if (const KindSpec* kind = engine.Find(op.kind)) {
      for (const Column& column : kind->columns) header.emplace_back(column.name);
    }
    text = "\xEF\xBB\xBF" + CsvLine(header) + "\n";
  }
  std::string last;
  std::size_t rows = 0;
  for (std::vector<std::string>& cells : store::RefusedAfter(tx, ctx.env, op.id, asked.Number(0), kRefusedPage)) {
    last = cells.front();
    ++rows;
    // A spreadsheet must not run what a cell holds.
    for (std::string& cell : cells) cell = ForSpreadsheet(cell);
    text += CsvLine(cells) + "\n";
  }
  page.set_data(text);
  if (rows == static_cast<std::size_t>(kRefusedPage)) page.set_next_page_token(contract::PageToken(kRefusedList, {last}));
  return page;
}

// What the waiting rows of the request wait for and another service has: `kind/number`.
using Elsewhere = std::set<std::string>;

Result<Elsewhere> FindElsewhere(const Engine& engine, runtime::ServiceClient& client, const v1::CloseSourceRequest& req) {
  Elsewhere known;
  if (!engine.remote_lookup()) return known;
  std::map<std::string, std::vector<std::string>> needs;
  client.Read([&](Tx& tx) {
    for (auto& [kind, no] : tx.Select<std::string, std::string>(
             "select distinct needs_kind, needs_no from waiting_rows where kind = :kind and source = :source limit 2000",
             {{"kind", req.kind()}, {"source", req.source()}})) {
      needs[kind].push_back(no);
    }
  });
  for (const auto& [kind, numbers] : needs) {
    for (std::size_t at = 0; at < numbers.size(); at += 200) {
      const std::vector<std::string> part(numbers.begin() + static_cast<std::ptrdiff_t>(at),
                                          numbers.begin() + static_cast<std::ptrdiff_t>(std::min(numbers.size(), at + 200)));
      ASSIGN_OR_RETURN(const std::vector<std::string> there, engine.remote_lookup()(client, req.source(), kind, part));
      for (const std::string& no : there) known.insert(kind + "/" + no);
    }
  }
  return known;
}

Result<v1::CloseSourceResponse> CloseSource(const Engine& engine, Tx& tx, const CallContext& ctx, const v1::CloseSourceRequest& req,
                                            const Elsewhere& elsewhere) {
  if (engine.Find(req.kind()) == nullptr) return InvalidField("kind", "in", "no such kind of file");
  const CloseResult result = CloseWaiting(tx, engine, ctx.env, req.kind(), req.source(), elsewhere,
                                          Instant{std::numeric_limits<std::int64_t>::max()}, ctx.now, store::Busy::kWaited);
  v1::CloseSourceResponse res;
  res.set_refused(result.refused);
  res.set_still_waiting(result.still_waiting);
  return res;
}

}  // namespace

Result<common::v1::Empty> UploadChunk(Tx& tx, const CallContext& ctx, const common::v1::Chunk& req) {
  if (req.data().empty() || req.data().size() > kChunkMax) return InvalidField("data", "max_len", "1 byte to 128 KiB are expected");
  if (privacy::Sha256(req.data()) != req.sha256()) return InvalidField("sha256", "equal", "the bytes do not match their checksum");
  const auto op = operations::Load(tx, req.upload_id(), true);
  if (!op) return NotFound("operation");
  if (op->state != State::OPERATION_STATE_RECEIVING) return WrongState("the upload is complete already");
  if (op->cancel_requested) return WrongState("the operation is cancelled");
  if (!store::UploadChunk(tx, ctx.env, req.upload_id(), req.offset(), req.data(), req.sha256())) {
    return OtherFile();
  }
  CrashPoint("after_chunk");
  return common::v1::Empty{};
}

void DescribeImport(Tx& tx, const operations::Operation& op, operations::v1::Operation* out) {
  const auto import = store::Load(tx, op.id, false);
  if (!import) return;
  operations::v1::ImportDetail* detail = out->mutable_import();
  detail->set_source(import->source);
  detail->set_dry_run(import->dry_run);
  detail->set_encoding(std::string(NameOf(import->encoding)));
  *detail->mutable_report() = import->report;
}

// Cancelled, as their owner could have done it: what is theirs goes with the operation.
runtime::Retention AbandonedUploads() {
  return {.what = "uploads",
          .keep = kUploadOpen,
          .oldest = [](Tx& tx) { return operations::OldestOf(tx, kImportType, State::OPERATION_STATE_RECEIVING); },
          .end =
              [](Tx& tx, Instant from, Instant until, int limit) {
                return operations::CancelOldest(tx, kImportType, State::OPERATION_STATE_RECEIVING, from, until, limit, runtime::Now());
              }};
}

void InstallHandlers(runtime::Service& service, const Engine& engine) {
  service.Retain(AbandonedUploads()).Retain(runtime::DeletedAfter("refused_rows", kRefusedKept, kRefused));
  const Engine* e = &engine;
  service.Bound<v1::BeginImportRequest, v1::BeginImportResponse>(
      "ImportService.BeginImport", true,
      [e](Tx& tx, const CallContext& ctx, const v1::BeginImportRequest& req) { return Begin(*e, tx, ctx, req); });
  service.Command("ImportService.UploadChunk", &UploadChunk);
  service.Command("ImportService.FinishImport", &FinishUpload);
  service.Bound<v1::DownloadRefusedRequest, common::v1::BytesPage>(
      "ImportService.DownloadRefused", false,
      [e](Tx& tx, const CallContext& ctx, const v1::DownloadRefusedRequest& req) { return DownloadRefused(*e, tx, ctx, req); });
  service.BindPreflight<v1::CloseSourceRequest, v1::CloseSourceResponse, Elsewhere>(
      "ImportService.CloseSource", true,
      [e](runtime::ServiceClient& client, const CallContext&, const v1::CloseSourceRequest& req) { return FindElsewhere(*e, client, req); },
      [e](Tx& tx, const CallContext& ctx, const v1::CloseSourceRequest& req, const Elsewhere& known) {
        return CloseSource(*e, tx, ctx, req, known);
      });
}

}  // namespace renxin::intake
