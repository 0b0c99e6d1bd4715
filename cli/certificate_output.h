#pragma once

#include "cli/common.h"

namespace whyclip::cli {

Json certificate_json(const Certificate& certificate);
ReportCertificate report_certificate(const Certificate& certificate);

}  // namespace whyclip::cli
