//! Prints which friends come near, move and leave: see README.md.

mod api;
mod follow;
mod nearby_list;
mod session;
mod share;

use std::{env, error::Error, process::ExitCode};

use session::Session;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    tokio::select! {
        result = run() => match result {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("{error}");
                ExitCode::FAILURE
            }
        },
        _ = tokio::signal::ctrl_c() => ExitCode::SUCCESS,
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let url = env::var("NEARBY_URL").unwrap_or_else(|_| "http://127.0.0.1:4000/graphql".into());
    let place = env::var("NEARBY_PLACE").unwrap_or_else(|_| "37.9755,23.7348".into());
    let (latitude, longitude) = place.split_once(',').ok_or("NEARBY_PLACE is latitude,longitude.")?;
    let (latitude, longitude) = (latitude.parse()?, longitude.parse()?);

    let session = Session::sign_in_or_up(url, required("NEARBY_HANDLE")?, required("NEARBY_PASSWORD")?).await?;
    if let Ok(handle) = env::var("NEARBY_FRIEND") {
        share::befriend(&session, handle).await?;
    }
    tokio::try_join!(follow::follow(&session), share::share(&session, latitude, longitude))?;
    Ok(())
}

fn required(name: &str) -> Result<String, String> {
    env::var(name).map_err(|_| format!("{name} is not set."))
}
