/** The client of an Airflow's REST interface: what runs there, triggered, followed, cleared. */
package io.tributary.console.airflow;
