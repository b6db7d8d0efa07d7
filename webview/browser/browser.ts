import './host.ts';
import '../main.ts';
import './frame.ts';
