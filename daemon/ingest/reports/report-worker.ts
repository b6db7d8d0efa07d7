import { serve } from '../../runtime/worker-thread.ts';
import { readReport, type ReadReport, type ReportRequest } from './read-report.ts';

export interface ReportOperations {
  read: [ReportRequest, ReadReport];
}

serve<ReportOperations>({ read: readReport });
