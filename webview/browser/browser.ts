import './host.ts';
import '../main.ts';
import './layout.ts';
