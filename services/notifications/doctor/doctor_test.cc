// Templates and members as releases before the sharper rules stored them.

#include "services/notifications/doctor/store.h"

#include "services/notifications/templates/store.h"
#include "services/notifications/testing/fixture.h"
#include "shared/testing/findings.h"

namespace renxin::notifications::doctor {
namespace {

using runtime::Finding;

class DoctorTest : public testing::NotificationsFixture {
 protected:
  std::string Template(const std::string& code, const std::string& body, const std::string& expires = "") {
    templates::Template text{.code = code, .kind = "campaign", .body = body, .advertises = !expires.empty()};
    if (text.advertises) text.approval_no = "粤广审1号";
    text.approval_expires_on = expires;
    return Do([&](Tx& tx) { return templates::Insert(tx, text, "anna", made_).id; });
  }
  void Member(const std::string& id, const std::string& since) {
    Do([&](Tx& tx) { members::Upsert(tx, {id, since, MemberClass::kA, false, 1}); });
  }
  std::vector<Finding> Find() { return renxin::testing::FindAll(session(), env_, now_, Checks()); }

  Instant made_ = *ParseTime("2025-02-16T09:00:00+08:00");
  Instant now_ = *ParseTime("2026-02-16T09:00:00+08:00");
};
RENXIN_ON_BOTH_DATABASES(DoctorTest);

TEST_P(DoctorTest, N1_the_newest_version_of_a_template_that_would_be_refused_today) {
  Template("mended", "祝好，${name}！拒收请回复R");
  Template("mended", "祝好，{name}！拒收请回复R");
  // It has expired since; that is looked at before each sending.
  Template("approved", "粤广审1号，有效期至2025-12-31。拒收请回复R", "2025-12-31");
  EXPECT_EQ(Find(), std::vector<Finding>());
  const std::string other = Template("other", "祝好，${name}！拒收请回复R");
  const std::vector<Finding> found = Find();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found.front().id, other);
  EXPECT_EQ(found.front().rule, "N1");
  EXPECT_EQ(found.front().what.substr(0, 45), "body: looks like another style of placeholder");
}

TEST_P(DoctorTest, G7_M1_a_member_since_a_time_that_is_none_or_has_not_come) {
  Member("m1", "2026-02-01T01:00:00Z");
  Member("m2", "");
  Member("m3", "2062-02-01T01:00:00Z");
  Member("m4", "of old");
  const std::vector<Finding> found = Find();
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0], (Finding{"member", "m3", "G7", "member_since: lies in the future: it has not happened yet (G7)"}));
  EXPECT_EQ(found[1].id, "m4");
  EXPECT_EQ(found[1].rule, "M1");
}

}  // namespace
}  // namespace renxin::notifications::doctor
