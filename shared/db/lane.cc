#include "shared/db/lane.h"

#include <algorithm>
#include <future>

#include "shared/core/crash.h"
#include "shared/observe/log.h"
#include "shared/observe/metrics.h"

namespace renxin::db {
namespace {

using Clock = std::chrono::steady_clock;
constexpr int kAttemptsMax = 8;
constexpr std::chrono::milliseconds kProbeEvery{250};

std::exception_ptr Late() { return std::make_exception_ptr(DbError(ErrorKind::kLate, "deadline")); }

void Declare(const Job& job, Tx& tx) {
  if (job.declare) job.declare(tx);
}

// Submits a job whose end a promise tells, and waits for it.
template <class Queue>
void SubmitAndWait(Queue& queue, std::chrono::milliseconds timeout, std::function<bool(Tx&)> run, Reads reads = Reads::kSnapshot) {
  auto promise = std::make_shared<std::promise<void>>();
  auto future = promise->get_future();
  Job job{.reads = reads,
          .declare = nullptr,
          .run = std::move(run),
          .done =
              [promise](std::exception_ptr error) {
                if (error) {
                  promise->set_exception(error);
                } else {
                  promise->set_value();
                }
              },
          .deadline = Clock::now() + timeout};
  if (!queue.Submit(std::move(job))) throw DbError(ErrorKind::kRetry, "queue full");
  future.get();  // bounded: the deadline stands in the job, a running statement has its own limit
}

}  // namespace

Lane::Lane(LaneOptions options)
    : options_(std::move(options)),
      checkpointer_(IsSqlite(options_.url) ? std::make_unique<Checkpointer>(options_.url) : nullptr),
      thread_([this] { Loop(); }) {}

Lane::~Lane() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

bool Lane::Submit(Job job) {
  {
    const std::scoped_lock lock(mutex_);
    if (stopping_ || queue_.size() >= options_.queue_max) return false;
    queue_.push_back(std::move(job));
  }
  wake_.notify_one();
  return true;
}

void Lane::Run(std::chrono::milliseconds timeout, std::function<bool(Tx&)> run) { SubmitAndWait(*this, timeout, std::move(run)); }

std::size_t Lane::waiting() const {
  const std::scoped_lock lock(mutex_);
  return queue_.size();
}

void Lane::Loop() {
  for (;;) {
    std::vector<Job> jobs;
    {
      std::unique_lock lock(mutex_);
      const auto something = [this] { return stopping_ || !queue_.empty(); };
      if (healthy_) {
        wake_.wait(lock, something);
      } else if (!wake_.wait_for(lock, kProbeEvery, something)) {
        lock.unlock();
        Probe();
        continue;
      }
      if (queue_.empty()) return;
      const std::size_t count = std::min(queue_.size(), options_.batch_max);
      while (jobs.size() < count) {
        jobs.push_back(std::move(queue_.front()));
        queue_.pop_front();
      }
      running_ = jobs.size();
    }
    const auto now = Clock::now();
    const std::size_t taken = jobs.size();
    std::erase_if(jobs, [&](Job& job) {
      const bool late = job.deadline < now;
      if (late) job.done(Late());
      return late;
    });
    if (jobs.size() < taken) CallAnswered();
    if (jobs.size() <= 1 || !RunGroup(jobs)) {
      for (Job& job : jobs) RunAlone(job);
    }
    running_ = 0;
  }
}

// Nobody may have work for this lane when the database returns: it looks by itself.
void Lane::Probe() {
  try {
    Tx tx(Ready(), true);
    tx.Select<std::int64_t>("select 1");
    healthy_ = true;
  } catch (const DbError&) {
    session_.reset();
  }
}

Session& Lane::Ready() {
  if (!session_ || !session_->healthy()) {
    session_.reset();
    session_ = std::make_unique<Session>(options_.url, options_.plans);
    if (checkpointer_) checkpointer_->Watch(session_.get());
  }
  return *session_;
}

void Lane::CallAnswered() const {
  if (options_.answered) options_.answered(false);
}

void Lane::Wake(Concerns concerns) const {
  if (options_.committed && !concerns.empty()) options_.committed(concerns);
}

bool Lane::RunGroup(std::vector<Job>& jobs) {
  if (PlantedFault("reply_before_commit")) return false;
  Concerns wakes;
  try {
    Tx tx(Ready(), false);
    for (const Job& job : jobs) Declare(job, tx);
    tx.FetchWanted();
    for (Job& job : jobs) {
      const std::int64_t before = tx.writes();
      // A refusal that has written makes the jobs of the group run one by one; most refuse before they write.
      if (!job.run(tx) && tx.writes() != before) return false;
    }
    CrashPoint("before_commit");
    tx.Commit();
    wakes = tx.wakes();
  } catch (const DbError& error) {
    if (error.kind() == ErrorKind::kLost) session_.reset();
    return false;
  } catch (const std::exception&) {
    return false;
  }
  healthy_ = true;
  CrashPoint("after_commit");
  observe::ObserveSeconds("renxin_lane_group_jobs", static_cast<double>(jobs.size()) / 1000);
  for (Job& job : jobs) job.done(nullptr);
  CallAnswered();
  Wake(wakes);
  return true;
}

void Lane::RunAlone(Job& job) {
  for (int attempt = 1;; ++attempt) {
    // Those before it, or its own attempts, may have taken all its time.
    if (job.deadline < Clock::now()) {
      job.done(Late());
      return CallAnswered();
    }
    try {
      Tx tx(Ready(), false);
      Declare(job, tx);
      tx.FetchWanted();
      if (job.run(tx)) {
        if (PlantedFault("reply_before_commit")) {
          std::exchange(job.done, [](const std::exception_ptr&) {})(nullptr);
          CallAnswered();
        }
        CrashPoint("before_commit");
        tx.Commit();
        CrashPoint("after_commit");
      } else {
        tx.Rollback();
      }
      healthy_ = true;
      job.done(nullptr);
      CallAnswered();
      Wake(tx.wakes());
      return;
    } catch (const DbError& error) {
      const bool lost = error.kind() == ErrorKind::kLost;
      if (lost) session_.reset();
      healthy_ = !lost;
      const bool again = (lost || error.kind() == ErrorKind::kRetry) && attempt < kAttemptsMax;
      observe::Log(observe::Level::kWarn, "transaction failed",
                   {{"lane", options_.name}, {"code", error.code()}, {"attempt", attempt}, {"again", again}});
      if (!again) {
        job.done(std::current_exception());
        return CallAnswered();
      }
      // Jittered by the address of the job: two lanes that met in a deadlock must not meet again.
      const auto jitter = std::chrono::milliseconds(reinterpret_cast<std::uintptr_t>(&job) / 64 % 7);  // NOLINT
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, std::chrono::milliseconds(5 << attempt) + jitter, [this] { return stopping_; });
    } catch (...) {
      job.done(std::current_exception());
      return CallAnswered();
    }
  }
}

Lanes::Lanes(const std::string& url, const std::string& name, std::size_t count_on_postgres, const std::function<void(Concerns)>& committed,
             const Answered& answered) {
  const std::size_t count = IsSqlite(url) ? 1 : std::max<std::size_t>(1, count_on_postgres);
  for_requests_ = std::max<std::size_t>(1, count / 3);
  for (std::size_t i = 0; i < count; ++i) {
    lanes_.push_back(std::make_unique<Lane>(LaneOptions{.url = url,
                                                        .name = name + "-" + std::to_string(i),
                                                        .committed = committed,
                                                        .answered = answered,
                                                        .plans = i < for_requests_ ? Plans::kGeneric : Plans::kCustom}));
  }
}

Lane& Lanes::LeastBusy() {
  const std::size_t from = lanes_.size() > for_requests_ ? for_requests_ : 0;
  return **std::min_element(lanes_.begin() + static_cast<std::ptrdiff_t>(from), lanes_.end(),
                            [](const auto& one, const auto& other) { return one->load() < other->load(); });
}

Lane& Lanes::ForRequest(std::string_view key) { return *lanes_[std::hash<std::string_view>{}(key) % for_requests_]; }

Lane& Lanes::For(std::string_view key) {
  const std::size_t first = lanes_.size() == 1 ? 0 : for_requests_;
  return *lanes_[first + std::hash<std::string_view>{}(key) % (lanes_.size() - first)];
}

bool Lanes::healthy() const {
  return std::all_of(lanes_.begin(), lanes_.end(), [](const auto& lane) { return lane->healthy(); });
}

std::size_t Lanes::waiting() const {
  std::size_t sum = 0;
  for (const auto& lane : lanes_) sum += lane->waiting();
  return sum;
}

Readers::Readers(std::string url, std::size_t count, std::size_t queue_max, Answered answered)
    : url_(std::move(url)), queue_max_(queue_max), answered_(std::move(answered)) {
  for (std::size_t i = 0; i < count; ++i) threads_.emplace_back([this] { Loop(); });
}

Readers::~Readers() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

bool Readers::Submit(Job job) {
  {
    const std::scoped_lock lock(mutex_);
    if (stopping_ || queue_.size() >= queue_max_) return false;
    queue_.push_back(std::move(job));
  }
  wake_.notify_one();
  return true;
}

void Readers::Run(std::chrono::milliseconds timeout, std::function<void(Tx&)> run, Reads reads) {
  SubmitAndWait(
      *this, timeout,
      [run = std::move(run)](Tx& tx) {
        run(tx);
        return true;
      },
      reads);
}

void Readers::Loop() {
  std::unique_ptr<Session> session;
  for (;;) {
    Job job;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (queue_.empty()) return;
      job = std::move(queue_.front());
      queue_.pop_front();
    }
    RunOne(&session, &job);
  }
}

void Readers::CallAnswered() {
  if (!answered_) return;
  bool more = false;
  {
    const std::scoped_lock lock(mutex_);
    more = !queue_.empty();
  }
  answered_(more);
}

void Readers::RunOne(std::unique_ptr<Session>* session, Job* job) {
  const auto end = [&](const std::exception_ptr& error) {
    job->done(error);
    CallAnswered();
  };
  if (job->deadline < Clock::now()) return end(Late());
  for (int attempt = 1;; ++attempt) {
    try {
      if (!*session || !(*session)->healthy()) *session = std::make_unique<Session>(url_);
      Tx tx(**session, true, job->reads);
      job->run(tx);
      // Nothing was written: the answer need not wait until the transaction has ended. Where answering takes too long, the database
      // ends an idle transaction, and the next job has a session of its own.
      return end(nullptr);
    } catch (const DbError& error) {
      if (error.kind() == ErrorKind::kLost) session->reset();
      // A connection that died while it was idle is worth one more try on a fresh one.
      if (attempt >= 2 || (error.kind() != ErrorKind::kLost && error.kind() != ErrorKind::kRetry)) {
        return end(std::current_exception());
      }
    } catch (...) {
      return end(std::current_exception());
    }
  }
}

}  // namespace renxin::db
