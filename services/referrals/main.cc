#include "services/referrals/recognitions/handlers.h"
#include "services/referrals/recognitions/reactions.h"
#include "services/referrals/wiring.h"

int main(int argc, char** argv) {
  using namespace renxin::referrals;  // NOLINT: the wiring of one program
  renxin::runtime::Service service("referrals", AllMigrations());
  Install(service);
  service.Query("RecognitionService.GetRecognition", &recognitions::GetRecognition)
      .Query("RecognitionService.ListRecognitions", &recognitions::ListRecognitions)
      .Query("RecognitionService.GetControlTotal", &recognitions::GetControlTotal)
      .On("leads", "referrals_on-visit", &recognitions::OnVisitRegistered);
  return service.Run(argc, argv);
}
